"""What lm-evaluation-harness 0.4.13 shows and scores with examples, on the sample model, made once (not needed to run the tests).

    python make-few-shot-reference.py

fixtures/few-shot.<task>.jsonl  examples, and questions of gsm8k's form, written for these tests
fixtures/few-shot.json          per task and sampler: each item's contexts, letter by letter, and of choices the log-likelihoods
The prompts are the harness' own: each task file is included, only the places of the data and the sampler are changed.
"""
import json, pathlib, tempfile
import lm_eval
from lm_eval import simple_evaluate
from lm_eval.tasks import TaskManager

here = pathlib.Path(__file__).parent
fixtures = here / "fixtures"
model = here.parents[2] / "main" / "sample" / "model"
tasks = pathlib.Path(lm_eval.__file__).parent / "tasks"

def arc(question, texts, key):
    return {"question": question, "choices": {"text": texts, "label": ["A", "B", "C", "D"][: len(texts)]}, "answerKey": key}

examples = {
    "arc_easy": [
        arc("What is ice made of?", ["water", "salt"], "A"), arc("Which animal lays eggs?", ["a cow", "a hen", "a whale"], "B"),
        arc("What does a magnet pull?", ["wood", "glass", "iron"], "C"), arc("Which is hot?", ["the sun", "the moon"], "A"),
        arc("Wo schläft der Wal — heute?", ["im Meer", "im Wald"], "A"), arc("What burns?", ["stone", "oil"], "B"), arc("Who sails?", ["sailors", "trees"], "A"),
    ],
    "winogrande": [
        {"sentence": "The rope held the sail because _ was strong.", "option1": "the rope", "option2": "the sail", "answer": "1"},
        {"sentence": "The mate thanked the cook since _ was hungry.", "option1": "the cook", "option2": "the mate", "answer": "2"},
        {"sentence": "The oar broke on the rock as _ was hard.", "option1": "the oar", "option2": "the rock", "answer": "2"},
        {"sentence": "The bell is louder than the drum, so _ wakes all.", "option1": "the bell", "option2": "the drum", "answer": "1"},
        {"sentence": "Ishmael wrote to Ahab while _ slept.", "option1": "Ishmael", "option2": "Ahab", "answer": "2"},
    ],
    "gsm8k": [
        {"question": f"A ship has {a} sails and buys {b} more. How many sails has it?", "answer": f"It has {a} + {b} = <<{a}+{b}={a + b}>>{a + b} sails.\n#### {a + b}"}
        for a, b in [(3, 4), (10, 2), (7, 7), (1, 30), (12, 5), (6, 9), (20, 21), (2, 2)]
    ],
}
gsm8k = [
    {"question": "Five men row, three rest. How many men are there?", "answer": "5 + 3 = <<5+3=8>>8\n#### 8"},
    {"question": "A whale eats $2 of krill each day. What does it cost in a week?", "answer": "7 * 2 = <<7*2=14>>14 dollars\n#### 14"},
]
sources = {"arc_easy": "arc/arc_easy.yaml", "winogrande": "winogrande/default.yaml", "gsm8k": "gsm8k/gsm8k.yaml"}
shots = {"arc_easy": 3, "winogrande": 2, "gsm8k": 5}

def write(name, rows):
    (fixtures / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

def task_file(name, sampler, folder):
    test = fixtures / ("few-shot.gsm8k.test.jsonl" if name == "gsm8k" else f"{name}.jsonl")
    (folder / f"{name}_{sampler}.yaml").write_text(
        f"include: {tasks / sources[name]}\ntask: {name}_{sampler}\ntag: null\ndataset_path: json\ndataset_name: null\n"
        f"dataset_kwargs:\n  data_files:\n    train: {fixtures}/few-shot.{name}.jsonl\n    test: {test}\n"
        f"training_split: train\nvalidation_split: null\ntest_split: test\nfewshot_split: train\nnum_fewshot: {shots[name]}\n"
        f"fewshot_config:\n  sampler: {sampler}\n"
        + ("generation_kwargs:\n  until: ['Question:']\n  max_gen_toks: 4\n  do_sample: false\n" if name == "gsm8k" else "")
    )

write("few-shot.gsm8k.test.jsonl", gsm8k)
for name, rows in examples.items():
    write(f"few-shot.{name}.jsonl", rows)
with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    names = [f"{name}_{sampler}" for name in examples for sampler in ("first_n", "default")]
    for name in examples:
        for sampler in ("first_n", "default"):
            task_file(name, sampler, folder)
    results = simple_evaluate(
        model="hf", model_args={"pretrained": str(model), "dtype": "float32"}, device="cpu", batch_size=2, tasks=names,
        log_samples=True, bootstrap_iters=0, fewshot_random_seed=1234, task_manager=TaskManager(include_path=str(folder)),
    )

def contexts(sample):
    arguments = sample["arguments"]
    listed = arguments.values() if isinstance(arguments, dict) else arguments
    return [(each["arg_0"] if isinstance(each, dict) else each[0]) for each in listed]

found = {}
for name in names:
    samples = {}
    for sample in results["samples"][name]:
        samples.setdefault(sample["doc_id"], sample)
    found[name] = [
        {"contexts": contexts(sample), **({} if name.startswith("gsm8k") else {"logLikelihoods": [float(one[0]) for one in sample["filtered_resps"]]})}
        for _, sample in sorted(samples.items())
    ]
(fixtures / "few-shot.json").write_text(json.dumps({"version": lm_eval.__version__, "shots": shots, "tasks": found}, indent=1, ensure_ascii=False) + "\n")
