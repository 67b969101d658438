"""Questions about a plan that is there: each answered by planning anew around it, and judged by the checker."""
