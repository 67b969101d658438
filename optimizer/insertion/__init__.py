"""Re-optimisation's best insertion: one late request into a plan whose other requests stay where and as they are."""
