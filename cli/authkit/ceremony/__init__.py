"""How do subkeys and approvals cross an air gap?"""
