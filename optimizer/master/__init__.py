"""Many duties: columns, linking rows, relaxation, selection. The only layer that knows ortools."""
