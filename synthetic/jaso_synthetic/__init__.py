"""A synthetic corpus of Korean career writing, with every defect planted and recorded."""
