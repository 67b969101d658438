"""What all routes share: who calls, problems, pages of lists, versions, repeated calls."""
