"""What people send from pages about subscriptions, read into plain values and calls."""
