"""What workers do: durable runs, the nightly batch, deliveries."""
