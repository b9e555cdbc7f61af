"""What lm-evaluation-harness 0.4.13 gives on the sample model, made once (not needed to run the tests).

    python make-lm-eval-reference.py

fixtures/<task>.jsonl   a few questions in the published form of each data set, written for these tests
fixtures/lm-eval.json   per task and item: the log-likelihood of each choice, and acc, acc_norm, acc_bytes; the same means; what gsm8k's
                        filters take out of texts, and whether that is the expected number
The prompts are the harness' own: each task file is included, only the place of the data is changed.
"""
import json, pathlib, sys, tempfile
import lm_eval
from lm_eval import simple_evaluate
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters.extraction import RegexFilter
from lm_eval.tasks import TaskManager

here = pathlib.Path(__file__).parent
fixtures = here / "fixtures"
model = here.parents[2] / "main" / "sample" / "model"
tasks = pathlib.Path(lm_eval.__file__).parent / "tasks"

long = "The whale swam on and on, and the men rowed after it until the sun went down. " * 40
rows = {
    "arc_easy": [
        {"question": "What do plants take in from the air?", "choices": {"text": ["carbon dioxide", "iron", "sand", "light bulbs"], "label": ["A", "B", "C", "D"]}, "answerKey": "A"},
        {"question": "Where does a whale live?", "choices": {"text": ["in the sea", "on a tree — high up", "im Bücherregal"], "label": ["1", "2", "3"]}, "answerKey": "1"},
        {"question": "Which of these is a ship?", "choices": {"text": ["the Pequod", "a harpoon", "Ahab 😀", "an oar", "Köln"], "label": ["A", "B", "C", "D", "E"]}, "answerKey": "B"},
        {"question": long + "What did the men do?", "choices": {"text": ["they rowed", "they slept"], "label": ["A", "B"]}, "answerKey": "A"},
    ],
    "openbookqa": [
        {"question_stem": "The captain looks for a whale because", "choices": {"text": ["it took his leg", "he likes soup", "the sea is flat", "ropes are long"], "label": ["A", "B", "C", "D"]}, "answerKey": "A"},
        {"question_stem": "A harpoon is", "choices": {"text": ["thrown", "eaten", "sung", "read"], "label": ["A", "B", "C", "D"]}, "answerKey": "C"},
    ],
    "piqa": [
        {"goal": "How do I keep a boat from sinking?", "sol1": "Bail out the water with a bucket. ", "sol2": "Bail out the air with a bucket.", "label": 0},
        {"goal": "rope", "sol1": "can tie a knot", "sol2": "can tie  a cloud", "label": 1},
    ],
    "social_iqa": [
        {"context": "Starbuck warned the captain of the storm.", "question": "Why did Starbuck do this?", "answerA": "to save the ship", "answerB": "to sink the ship", "answerC": "to paint it", "label": "1"},
        {"context": "Queequeg shared his bed with Ishmael.", "question": "How would you describe Queequeg?", "answerA": "cruel", "answerB": "kind", "answerC": "tired of the sea", "label": "2"},
    ],
    "winogrande": [
        {"sentence": "The harpoon did not fit into the boat because _ was too long.", "option1": "the harpoon", "option2": "the boat", "answer": "1"},
        {"sentence": "Ahab chased the whale until _ was caught.", "option1": "Ahab", "option2": "the whale", "answer": "2"},
    ],
    "hellaswag": [
        {"activity_label": "Rowing", "ctx_a": "Four men sit in a boat.", "ctx_b": "the men", "endings": ["pull at the oars [step] together.", "fly away over the  sea.", "[title] eat the boat."], "label": "0"},
        {"activity_label": "Sailing", "ctx_a": "A ship leaves the harbour [title] in the morning.", "ctx_b": "", "endings": ["The sails fill with wind.", "The sails fill with soup."], "label": "1"},
    ],
    "boolq": [
        {"passage": "The white whale took the captain's leg near Japan.", "question": "did the whale take his arm", "label": 0},
        {"passage": "Ships of Nantucket hunted whales for oil.", "question": "did ships hunt whales", "label": 1},
    ],
}
sources = {
    "arc_easy": "arc/arc_easy.yaml", "openbookqa": "openbookqa/openbookqa.yaml", "piqa": "piqa/piqa.yaml", "social_iqa": "siqa/siqa.yaml",
    "winogrande": "winogrande/default.yaml", "hellaswag": "hellaswag/hellaswag.yaml", "boolq": "super_glue/boolq/default.yaml",
}

def task_file(name, folder):
    metrics = ["acc"] if name == "winogrande" else ["acc", "acc_norm", "acc_bytes"]
    listed = "".join(f"  - metric: {metric}\n    aggregation: mean\n    higher_is_better: true\n" for metric in metrics)
    (folder / f"{name}.yaml").write_text(
        f"include: {tasks / sources[name]}\ntask: local_{name}\ntag: null\ndataset_path: json\ndataset_name: null\n"
        f"dataset_kwargs:\n  data_files:\n    test: {fixtures / name}.jsonl\n"
        f"training_split: null\nvalidation_split: null\ntest_split: test\nmetric_list:\n{listed}"
    )

scores = {}
with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    for name, list_of_rows in rows.items():
        (fixtures / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in list_of_rows))
        task_file(name, folder)
    results = simple_evaluate(
        model="hf", model_args={"pretrained": str(model), "dtype": "float32"}, device="cpu", batch_size=2,
        tasks=[f"local_{name}" for name in rows], log_samples=True, bootstrap_iters=0,
        task_manager=TaskManager(include_path=str(folder)),
    )
for name in rows:
    samples = sorted(results["samples"][f"local_{name}"], key=lambda sample: sample["doc_id"])
    means = {key.split(",")[0]: value for key, value in results["results"][f"local_{name}"].items() if key.startswith("acc") and "stderr" not in key}
    scores[name] = {
        "means": means,
        "items": [
            {"logLikelihoods": [float(response[0]) for response in (sample["filtered_resps"])],
             **{key: sample[key] for key in ("acc", "acc_norm", "acc_bytes") if key in sample}}
            for sample in samples
        ],
    }

written = [
    ("He has 3 apples.\n#### 3", "3 + 0 = 3\n#### 3"), ("#### 1,234.", "x\n#### 1234"), ("The answer is $1,234.50.", "y\n#### 1234.50"),
    ("So 12 - 5 = 7. The answer is 7.", "#### 7"), ("#### -4\n#### 5", "#### -4"), ("no number", "#### 1"), ("", "#### 1"),
    ("about 3 dozen, or 36", "a\nb\n#### 36"), ("-7", "#### -7"), ("$ .. 9", "#### 9"), ("1.000.", "#### 1.000"), ("#### twelve 12", "#### 12"),
    ("x = 5,", "#### 5"), ("5 . . ,", "#### 5"), ("Total: 18 dollars.", "9 * 2 = <<9*2=18>>18\n#### 18"), ("#### 18\nQuestion", "#### 18"),
]
ignored = {"regexes_to_ignore": [",", "\\$", "(?s).*#### ", "\\.$"], "ignore_case": True, "ignore_punctuation": False}
filters = {
    "gsm8k-strict": RegexFilter(regex_pattern="#### (\\-?[0-9\\.\\,]+)"),
    "gsm8k-flexible": RegexFilter(regex_pattern="(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1),
}
gsm8k = []
for text, answer in written:
    entry = {"text": text, "answer": answer}
    for name, each in filters.items():
        found = list(each.apply([[text]], [{}]))[0][0]
        entry[name] = {"found": found, "right": float(exact_match_hf_evaluate([found], [answer], **ignored)["exact_match"])}
    gsm8k.append(entry)

(fixtures / "lm-eval.json").write_text(json.dumps({"version": lm_eval.__version__, "tasks": scores, "gsm8k": gsm8k}, indent=1, ensure_ascii=False) + "\n")
