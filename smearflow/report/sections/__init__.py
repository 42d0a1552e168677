"""What each section of a run's page says, read from the files that stages left.

Every function takes the folder of a run, and where it shows pictures the folder of those; it
returns a Section, or None where its stage has not run: the page of an unfinished run shows what
there is.
"""
