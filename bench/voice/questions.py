"""Twenty spoken questions of one to ten seconds, and the words of which a right answer has one."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and a pattern of what a right answer holds."""

    text: str
    right: str

    def is_answered_by(self, answer: str) -> bool:
        """Whether the answer holds one of the words that it must."""
        return re.search(rf"\b(?:{self.right})\b", answer.lower()) is not None


QUESTIONS = (
    Question("What is the capital of France?", "paris"),
    Question("How many days are in a week?", "seven|7"),
    Question("What color is the sky on a clear day?", "blue"),
    Question("Which planet is known as the red planet?", "mars"),
    Question("What is the opposite of hot?", "cold"),
    Question("Who wrote Hamlet?", "shakespeare"),
    Question("What do bees make?", "honey"),
    Question("What is the largest ocean on Earth?", "pacific"),
    Question("How many legs does a spider have?", "eight|8"),
    Question("What language do most people speak in Brazil?", "portuguese"),
    Question("My daughter asked me today, and I did not know it: what is the largest animal in the world?", "whale"),
    Question("What is the currency of Japan?", "yen"),
    Question("In which country are the pyramids of Giza?", "egypt"),
    Question("What do we call frozen water?", "ice"),
    Question("I am writing a quiz for my friends, and I need one fact: what is the capital of Italy?", "rome"),
    Question("How many months are in a year?", "twelve|12"),
    Question("Which animal says meow?", "cats?|kittens?"),
    Question("What is the first letter of the alphabet?", "a"),
    Question(
        "We are going to the sea next summer, all five of us, and my son wants to know: is sea water salty?",
        "yes|salty|salt",
    ),
    Question(
        "Before I forget, because we were talking about it over lunch with two colleagues from the office: which star "
        "gives the Earth its light and its warmth?",
        "sun",
    ),
)
INSTRUCTIONS = "You are a friendly voice assistant. Answer each question in one short sentence."
