"""Between rows of the service and values of the optimizer: the only place that sees both worlds. Never ortools."""
