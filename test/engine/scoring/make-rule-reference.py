"""What Python and scikit-learn give for answers and classes, made once (not needed to run the tests).

    python make-rule-reference.py     (scikit-learn 1.9)

fixtures/rules.json     texts, and what LLM-Adapters' expressions (8166572) and SQuAD's normalisation take out of them
fixtures/classes.json   expected and predicted classes, and scikit-learn's accuracy, macro F1 and confusion matrix
"""
import json, pathlib, random, re, string
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

fixtures = pathlib.Path(__file__).parent / "fixtures"
names = {
    "llm-adapters-true-false": r"true|false", "llm-adapters-solution": r"solution1|solution2",
    "llm-adapters-answer": r"answer1|answer2|answer3|answer4|answer5", "llm-adapters-ending": r"ending1|ending2|ending3|ending4",
    "llm-adapters-option": r"option1|option2", "llm-adapters-letter": r"A|B|C|D|E",
}
texts = [
    "the correct answer is answer3", "answer12 or answer2", "", "Answer1", "the correct answer is true", "untrue, so false", "solution2 solution1",
    "the correct answer is option2.", "ending5 ending4", "It is (B), not A", "none of them", "E", "BAnana", "answer6", "The answer is  option1\nsolution1",
]
def first(pattern, text):
    found = re.findall(pattern, text.strip())
    return found[0] if found else None

numbers = ["The answer is 576.", "1,234 and -5.5", "no", "3.", "costs $18 or 1,000,000", "x=-7", "0.3333 of it", "1.2.3", "7-3"]
def last_number(text):
    found = re.findall(r"-?\d+\.?\d*", text.replace(",", ""))
    return found[-1] if found else None

def normalised(text):
    text = text.lower()
    text = "".join(character for character in text if character not in set(string.punctuation))
    text = re.sub(r"\b(a|an|the)\b", " ", text)
    return " ".join(text.split())
squad = ["The White Whale!", "an oar, a boat", "  Ahab's   leg ", "theatre", "A.B.", "the", "Köln — the city", "a-b_c"]

(fixtures / "rules.json").write_text(json.dumps({
    "first": [{"rule": rule, "text": text, "found": first(pattern, text)} for rule, pattern in names.items() for text in texts],
    "number": [{"text": text, "found": last_number(text)} for text in numbers],
    "normalised": [{"text": text, "found": normalised(text)} for text in squad],
}, indent=1, ensure_ascii=False) + "\n")

random.seed(7)
cases = []
for classes, items in ((["negative", "neutral", "positive"], 40), (["b", "a"], 9), (["x", "y", "z", "w"], 12)):
    expected = [random.choice(classes[:-1] if items == 12 else classes) for _ in range(items)]
    predicted = [label if random.random() < 0.6 else random.choice(classes) for label in expected]
    labels = sorted(set(expected) | set(predicted))
    cases.append({
        "expected": expected, "predicted": predicted, "classes": labels,
        "accuracy": accuracy_score(expected, predicted), "f1": f1_score(expected, predicted, average="macro"),
        "confusion": confusion_matrix(expected, predicted, labels=labels).tolist(),
    })
(fixtures / "classes.json").write_text(json.dumps(cases, indent=1) + "\n")
