"""Letters as they leave the house."""
