"""What if: synthetic days, scenarios, comparisons."""
