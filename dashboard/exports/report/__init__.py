"""Reports on studies: one file that can be read on a screen and on paper, drawn from a data package alone."""
