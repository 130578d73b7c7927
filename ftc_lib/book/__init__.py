"""What the book shows and claims.

output        where a run writes, and under which name
parameters    what a reader may set
figures       one look, and files that can be cited
drawing       the words that the pictures of several chapters share
ledger        what was checked, and how it came out
"""
