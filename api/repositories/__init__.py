"""Every ``select`` of the service, limited to what the actor may see."""
