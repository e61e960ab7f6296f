"""What every number of a package is: its documentation/metrics.md, by which all of a report can be worked out anew."""

METRICS = """# Metrics

Of an edit and a model (`edit_id`, `model_id`):

- `probability_before`, `probability_after`: the model's probability of its top class for the untouched picture,
  before and after the edit; `change`: after minus before; `flipped`: 1 where the top class is another one.

Of a person's region and a model (`region_id`, `model_id`), against the model's class activation map of her class. For
`iou` the model's region is of equal area: as many of the map's highest pixels as she marked, of equal ones those that
come first, row by row. For the coverages and the case it is where the map is at least its mean plus one population
standard deviation.

- `iou`: intersection over union. `human_coverage`: share of her region that is in the model's, `model_coverage`:
  share of the model's that is in hers.
- `pointing_game`: 1 where a maximum of the map lies in her region. `mass`: share of the map's positive sum in it.
- `auc`: how often a pixel in her region is higher in the map than one outside, ties by half. `nss`: the mean over her
  region of the map's distance from its mean, in population standard deviations.
- `necessity_people`, `necessity_model`, `necessity_random`: drop of the class's probability when her region, the
  model's region of equal area, or random regions of equal area (the mean of their drops) are removed by Telea's
  inpainting. The table "effects" has the drop of each removal, of each of the random regions too, and of other
  methods that were tried.
- `sufficiency_people`: the probability that is left when only her region is kept.
- `before`: the probability in the untouched picture. `area`: share of the pixels in her region.
- `problem`: why there are no numbers of a region and a model.
- `case`: the case of Shared Interest (Boggust et al. 2022), the first that fits: IoU at least 0.5, human aligned or
  confuser; model_coverage, sufficient or insufficient subset; human_coverage, sufficient context or context
  confusion; none, context dependent or distractor. The second word of each where the model's top class is not the
  picture's `true_label` (where it has none: not the class that she marked). `borderline`: 1 where one of these three,
  up to the first that fits, is within 0.05 of 0.5.

The table "curves" has deletion and insertion curves (Petsiuk et al. 2018): the probability of a class as the picture
is taken away or built up in the order of people's consensus map or of a model's map. It holds those that were worked
out, on the pictures' pages, before the package was written. The area under one is by the trapezoid rule over `share`.
The table "maps" has the class activation map behind each person's region, the maps that participants were shown, and
those by other methods that were asked for before.

# Results

The tables in `results/`, and those of the report, follow from the others as said here.

## Who is counted

Participants whose state is finished, who are not `excluded` and meet no rule under `exclusions` in the newest version
of the design. Practice is in nothing, an attention check in the table "quality" alone. Rows are taken in the order of
the table "participants", and of a participant's trials by `position`; groups stand in the order in which they first
come, in the flow of participants the conditions as in the design.

`seconds` of a trial: `answered_client_ms` less `shown_client_ms`, in seconds. Of erase trials: `flipped` where the
top class at the session's end (`head_sequence`) is not that of the untouched picture, `removed_area` the share of the
pixels that all edits on the way there removed, only of trials that flipped, and `edits` how many they are.

## Means and intervals

A mean is that of all values of a group that are defined; the others are counted as undefined. Its 95 % interval is a
BCa bootstrap (Efron 1987) as `scipy.stats.bootstrap` computes it with 10,000 resamples, `batch=1000` and
`rng=numpy.random.default_rng(0)`. Drawn are whole clusters: as the first sample the group's participants and, where
it has several pictures, as a second one its pictures, each numbered in the order in which they first come. In a
resample each value counts as often as its participant was drawn times as often as its picture was (Owen 2007). In
"ceiling over pictures" the pictures and classes themselves are drawn, for `everybody` in "ceiling" the people. A
resample whose mean is that of all but for rounding counts as equal to it. There is no interval with fewer than two to
draw from, or where all resamples have the same mean.

## Agreement, ceiling and floor

What people share is of each picture and class, all conditions together, where two participants or more marked it.
What one participant marked in several trials is one region, their union.

- `pairwise_iou`: mean over all pairs of people. `fleiss_kappa` (Fleiss 1971): two categories, each pixel a subject.
  `krippendorff_alpha`: nominal, each pixel a unit. `consensus_share`: share of the pixels that at least half marked.
- Each mask is smoothed by a Gaussian with an sd of 2 % of the picture's longer side, cut at 4 sd, the picture being
  mirrored at its border with the outermost pixel doubled. A group's map is the mean of its members'.
- `ceiling`: the mean, over 1,000 splits, of the Pearson correlation of the maps of two halves of the people. `floor`:
  of the first half's with that of as many people of another picture, whose masks are stretched to this one's size,
  each pixel taking the nearest. `score`: of a model's map with either half's, over both. `normalised`: (score -
  floor) / (ceiling - floor), empty where the ceiling is not above the floor. `everybody`: of a model's map with that
  of all.
- "ceiling by condition": the same of the people of each condition alone, the floor with another picture's people of
  that condition; means over the pictures and classes that two of them or more marked, the others being undefined.
- `half`: people in each half: half of them, rounded down, or half of the other picture's where that is fewer.
- The other picture is the one that most people marked, of equals the one that comes first in the trials; in figures
  of one picture the one that comes first in the table "images", which they name.
- Splits: `here, there = numpy.random.default_rng(0).spawn(2)`; the people, numbered in the order in which they come,
  are shuffled as `here.permuted(numpy.tile(numpy.arange(people), (1000, 1)), axis=1)`, each row giving the first half
  and then the second; the other picture's by `there`, each row giving its half at the beginning.

## Predictions

- Calibration: who is `sure` (0 a guess, 100 certain) of one of `k` alternatives states the probability `1/k + (1 -
  1/k) * sure / 100` of being right: about the change where that was asked (`k` = 2), else about the class.
  `expected_error`: the mean over predictions of the distance, in points, between what is stated and how often that is
  right, in ten bins of equal width (expected calibration error, Naeini et al. 2015), each with its lower end;
  `brier`: the mean of the squared difference between what is stated and right (1) or wrong (0) (Brier 1950).

## Conditions compared

Compared are participants' own means in each outcome, every pair of conditions, `difference` being first minus second.
Different participants: `scipy.stats.permutation_test` of the difference of means, and Cliff's delta, the share of
pairs in which the first is higher less that in which it is lower. The same participants: of the mean of their
differences with `permutation_type="samples"` and `batch=1000`, and the rank-biserial correlation, the share of the
ranks of the differences' sizes, without zeros, in favour of the first less that of the second. Both tests are
two-sided with `n_resamples=10000` and `rng=numpy.random.default_rng(0)`, exact where there are no more permutations
than that. `p_holm`: Holm's correction over all rows of the table.

## Quality

Of every participant who began, counted or not. `seconds`: the median over trials. `empty`: trials in which nothing
was drawn. `straight`: whether she gave three answers or more on scales of steps (likert), and all of them the same.
"""
