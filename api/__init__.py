"""What people and systems call: the command line now, the service later. Stands on ``optimizer``, never the reverse."""
