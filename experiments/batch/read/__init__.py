"""What is made of a batch: its summary, names of its inputs and indicators in words, and the folders that results go to."""
