"""The tests of Antiphon; each folder is a kind of proof, and `docs/design.md` says which."""
