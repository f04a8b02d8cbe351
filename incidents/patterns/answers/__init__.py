"""What the rows of each question say: a sentence, a table, a figure. Pure: every word follows from the rows."""
