"""Files and frames: what comes in from the disk and goes out to it. Nothing further inside knows a file."""
