"""Bodies of calls and answers, by noun: strict, nothing unknown is let through."""
