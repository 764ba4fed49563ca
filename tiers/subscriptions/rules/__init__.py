"""Product subscriptions as arithmetic: terms, days, prices, leaving. Pure functions on plain values."""
