"""What came of a study: its rows, what was left out and why, and the numbers by picture, class, model and condition."""
