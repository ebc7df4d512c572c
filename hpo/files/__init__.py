"""Files of people: where they lie, how they are read and written."""
