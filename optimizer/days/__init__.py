"""Several days side by side: taken apart where nothing couples them, solved in processes, put together and checked."""
