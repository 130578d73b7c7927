"""What the book shows and claims.

output        where a run writes, and under which name
parameters    what a reader may set
look          what colours mean, how large type is, the variants of a figure
legible       whether a drawing can be read
figures       files that can be cited
drawing       the words that the pictures of several chapters share
ledger        what was checked, and how it came out
words         numbers as the tables of several chapters print them
pictures/     what the figures of each chapter need beyond those words
checks/       what the checks of each chapter do
"""
