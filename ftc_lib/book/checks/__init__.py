"""What the check of a claim does: each function returns whether the claim held and what was seen.

baum                chapter 1
two_layer           chapter 2 and its companion page
three_layer         chapter 3 and its companion page
deep                chapter 4
general_position    chapter 5 and its companion page
weights             chapter 6 and its companion page
open_questions      chapter 7
"""
