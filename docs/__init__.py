"""Documentation, and the scripts that make its tables and pictures from the program itself."""
