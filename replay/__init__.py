"""Which (candidate, seed) runs to do, what their returns say, and the report: plain data in, plain data out."""
