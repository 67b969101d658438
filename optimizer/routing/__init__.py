"""One duty: what may ride with whom, fragments, breaks, timetables, pricing."""
