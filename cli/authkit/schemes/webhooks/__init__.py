"""What is signed of a webhook, for each kind that one declarative form can describe?"""
