"""Recipes of TextAttack 0.3.11, unchanged: what they try, in which order, and when they stop.

On classifiers a recipe has its own goal, and finds the text that TextAttack's ``Attacker`` finds with as
many queries, given the same model and :func:`harness.attack.textattack_search.seed_of`. Where TextAttack
has no goal for a task, ours stands in its place.

What cannot be had on this machine is told before anything runs, see
:mod:`harness.attack.textattack_resources`.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.attack.textattack_search import Recipe, recipe

CLASSES = frozenset({"classification"})
TEXTS = frozenset({"translation", "summarization"})

deepwordbug = recipe(
    "deepwordbug",
    "DeepWordBugGao2018",
    "Misspell the words that matter most, Gao et al. 2018.",
    moves="character",
)
pruthi = recipe(
    "pruthi",
    "Pruthi2019",
    "Misspell one word in every way that typing does, Pruthi et al. 2019.",
    moves="character",
)
bad_characters = recipe(
    "bad-characters",
    "BadCharacters2021",
    "Put in characters that cannot be seen, Boucher et al. 2021; which goal it has is ours to say.",
    given={"goal_function_type": "targeted_classification", "perturbation_type": "invisible"},
    ours=True,
)
pwws = recipe(
    "pwws",
    "PWWSRen2019",
    "Replace words by synonyms from WordNet, by salience and effect, Ren et al. 2019.",
    reads=["wordnet"],
    tasks=CLASSES,
)
leap = recipe(
    "leap",
    "LEAP2023",
    "Replace words by synonyms from WordNet, by a swarm of particles in Lévy flight, Xiao et al. 2023.",
    reads=["wordnet"],
    tasks=CLASSES,
)
input_reduction = recipe(
    "input-reduction",
    "InputReductionFeng2018",
    "Leave out as many words as the prediction bears, Feng et al. 2018: the answer stays, and is no success.",
    tasks=CLASSES,
)
checklist = recipe(
    "checklist",
    "CheckList2020",
    "Change names, numbers, places and contractions, Ribeiro et al. 2020.",
    reads=["names"],
    tasks=CLASSES,
)
hotflip = recipe(
    "hotflip",
    "HotFlipEbrahimi2017",
    "Replace up to two words by those that their gradients point to, Ebrahimi et al. 2017.",
    reads=["vectors", "tags"],
    tasks=CLASSES,
    gradients=True,
)
a2t = recipe(
    "a2t",
    "A2TYoo2021",
    "Replace few words, ranked by their gradients, by others that are near in a table, Yoo and Qi 2021.",
    reads=["vectors", "distilbert", "tags"],
    tasks=CLASSES,
    gradients=True,
)
textfooler = recipe(
    "textfooler",
    "TextFoolerJin2019",
    "Replace the words that matter most by others that are near in a table, Jin et al. 2019.",
    reads=["vectors", "encoder", "tags"],
    tasks=CLASSES,
)
textbugger = recipe(
    "textbugger",
    "TextBuggerLi2018",
    "Misspell words or replace them by others that are near in a table, Li et al. 2018.",
    reads=["vectors", "encoder"],
    tasks=CLASSES,
)
iga = recipe(
    "iga",
    "IGAWang2019",
    "Replace words by others that are near in a table, by a genetic algorithm, Wang et al. 2019.",
    reads=["vectors"],
    tasks=CLASSES,
)
bae = recipe(
    "bae",
    "BAEGarg2019",
    "Replace words by what a masked language model puts for them, Garg and Ramakrishnan 2020.",
    reads=["encoder", "bert", "tags"],
    tasks=CLASSES,
)
bert_attack = recipe(
    "bert-attack",
    "BERTAttackLi2020",
    "Replace words by what BERT puts for their tokens, Li et al. 2020.",
    reads=["encoder", "bert"],
    tasks=CLASSES,
)
clare = recipe(
    "clare",
    "CLARE2020",
    "Replace, put in and merge words by a masked language model, Li et al. 2020.",
    reads=["encoder", "distilroberta", "parts"],
    tasks=CLASSES,
)
kuleshov = recipe(
    "kuleshov",
    "Kuleshov2017",
    "Replace words by others that are near in a table and likely to GPT-2, Kuleshov et al. 2017.",
    reads=["vectors", "gpt2"],
    tasks=CLASSES,
)
faster_alzantot = recipe(
    "faster-alzantot",
    "FasterGeneticAlgorithmJia2019",
    "Replace words as alzantot does, with a smaller language model, Jia et al. 2019.",
    reads=["vectors", "writing"],
    tasks=CLASSES,
)
alzantot = recipe(
    "alzantot",
    "GeneticAlgorithmAlzantot2018",
    "Replace words by others that are near in a table, by a genetic algorithm, Alzantot et al. 2018.",
    never="its language model is a graph of TensorFlow 1 on a second GPU; faster-alzantot does without",
    tasks=CLASSES,
)
pso = recipe(
    "pso",
    "PSOZang2020",
    "Replace words by those of equal sememes, by a swarm of particles, Zang et al. 2020.",
    reads=["hownet", "parts"],
    tasks=CLASSES,
)
morpheus = recipe(
    "morpheus",
    "MorpheusTan2020",
    "Inflect words otherwise, Tan et al. 2020; the goal is ours.",
    reads=["parts"],
    tasks=TEXTS,
    ours=True,
)
seq2sick = recipe(
    "seq2sick",
    "Seq2SickCheng2018BlackBox",
    "Replace words of a source by others that are near in a table, Cheng et al. 2018; the goal is ours.",
    reads=["vectors"],
    tasks=TEXTS,
    ours=True,
)
french = recipe(
    "french",
    "FrenchRecipe",
    "Replace French words, names and places.",
    never="it asks NLTK for the languages of WordNet, and hears of English only",
    tasks=CLASSES,
)
spanish = recipe(
    "spanish",
    "SpanishRecipe",
    "Replace Spanish words, names and places.",
    never="it asks WordNet for a language 'esp', and there is but 'spa'",
    tasks=CLASSES,
)
chinese = recipe(
    "chinese",
    "ChineseRecipe",
    "Replace Chinese words and characters.",
    never="pandas no longer reads its list of homophones the way it asks for",
    tasks=CLASSES,
)
RECIPES: Mapping[str, Recipe] = {one.name: one for one in list(vars().values()) if isinstance(one, Recipe)}
"""All of them by name."""
