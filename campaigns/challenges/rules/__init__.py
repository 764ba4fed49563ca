"""Pure rules of challenges: missions, streaks, periods, codes, pictures of progress."""
