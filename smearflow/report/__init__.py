"""Everything said and shown of a run: texts, tables, pictures, pages. Nothing depends on it."""
