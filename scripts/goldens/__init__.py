"""What the program says, recorded: requests, commands, files and calls, and their differences."""
