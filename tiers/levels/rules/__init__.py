"""The rules of levels: what a ladder asks, windows, how a member moves on it. Pure functions."""
