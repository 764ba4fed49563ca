"""What a game is, how its outcomes are drawn and shown to be fair: pure rules."""
