# SPDX-License-Identifier: Apache-2.0
"""Names in abstracts of molecular biology: GENIA and the shared task made from it."""

from __future__ import annotations

from ...schema import FrameType, Schema
from ..corpus import Corpus, Part
from ..selection import Selection

_TYPES = (
    FrameType("protein", description="A protein, a family, complex, part or fragment of proteins."),
    FrameType("dna", "DNA", description="A gene, promoter, site, chromosome or other stretch of DNA."),
    FrameType("rna", "RNA", description="An RNA, such as the mRNA or transcript of a gene."),
    FrameType("cell_type", description="A kind of cell as it occurs in a body, such as T lymphocytes."),
    FrameType("cell_line", description="Cells kept in culture or made for an experiment, such as HeLa cells."),
)
_NAMES = {"protein": "protein", "DNA": "dna", "RNA": "rna", "cell_type": "cell_type", "cell_line": "cell_line"}
_ALIASES = {
    "protein": ("protein name", "protein molecule"),
    "dna": ("gene", "DNA sequence"),
    "rna": ("transcript", "mRNA"),
    "cell_type": ("kind of cell", "natural cell"),
    "cell_line": ("cultured cells", "cell culture"),
}
_LICENCE = "GENIA licence (annotations CC BY 3.0, abstracts PubMed)"
_FROM = "the names of the types and examples of the devel part"

_DEVEL_IDS = """
90110496 90124644 90140708 90147621 90151654 90153985 90158596 90158614 90161003 90169371 90171176 90173249
90188846 90191722 90199680 90205027 90206049 90208323 90220600 90237240 90242285 90244306 90244394 90244395
90244434 90247097 90254291 90255794 90258907 90277507 90278097 90279052 90279073 90285430 90287178 90290483
90292959 90293687 90298081 90299137 90302010 90311515 90317873 90317911 90319091 90319127 90327113 90335211
90337320 90346297 90351381 90360678 90368794 90375934 90376424 90376447 90381353 90381363 90381807 90382324
91013631 91016834 91017623 91025498 91028334 91034184 91035625 91036996 91037456 91041706 91043047 91045897
91048014 91049522 91050279 91065527 91065749 91067681 91075236 91079526 91079583 91092266 91092267 91092268
91098050 91098724 91099657 91100449 91118160 91124866 91125342 91132900 91164434 91172250 91175240 91175478
91175694 91175707 91190842 91208110 91215472 91258741 91296472 92010096 92077236 92107586 92187059 92213636
95363941 95364954 95367586 95367587 95368765 95369491 95370270 95372363 95378799 95382761 95385995 95386516
95386713 95391995 95394907 95394931 95399771 95399778 95403403 95403454 95403468 96001288 96001293 96003970
96009551 96009559 96009598 96009608 96009612 96011839 96016217 96017239 96017245 96017769 96024587 96025779
96025852 96025857 96026328 96029750 96029754 96035700 96038813 96038894 96046572 96049646 96054968 96055115
96062038 96062272 96062284 96062305 96063646 96068726 96068922 96069375 96070929 96070930 96072803 96074623
96074632 96074633 96074843 96079009 96079922 96082168 96085174 96086826 96091806 96096457 96096469 96096754
96102041 96102166 96107207 96114389 96114497 96125073 96127450 96128660 96134911 96140672 96157213 96191817
96226053 96288304 96356325 96379940 97252236 98005316 98029486 98038598
"""
_DEVEL = frozenset(_DEVEL_IDS.split())
"""The training documents of which the IOB conversion made its devel part."""

_GENIA = Corpus(
    name="genia",
    parts={
        split: Part(("GENIAcorpus3.02.xml",), select=Selection(file=f"splits/{split}.txt"))
        for split in ("train", "dev", "test")
    },
    reader="genia_xml",
    schema=Schema(_TYPES, "genia"),
    names=_NAMES,
    families=("entities",),
    domain="molecular biology abstracts",
    licence=_LICENCE,
    citation="Kim et al., GENIA corpus, Bioinformatics 2003; splits of Yan et al., ACL 2023",
    note="nested; the five kinds that papers use, from the original XML; a term annotated twice in one place counts "
    "once, as in the splits' own jsonlines; one abstract (MEDLINE:97218353) occurs twice in train",
    aliases=_ALIASES,
    overlaps=("genia_ge11", "jnlpba", "jnlpba_iob"),
    definitions_from=_FROM,
)

_JNLPBA = Corpus(
    name="jnlpba",
    parts={
        "train": Part(
            ("standoff_train.tar",), select=Selection(_DEVEL, exclude=True), options={"inside": "standoff/train/"}
        ),
        "dev": Part(("standoff_train.tar",), select=Selection(_DEVEL), options={"inside": "standoff/train/"}),
        "test": Part(("standoff_test.tar",), options={"inside": "standoff/test/"}),
    },
    reader="brat",
    schema=Schema(_TYPES, "jnlpba"),
    names=_NAMES,
    families=("entities",),
    domain="molecular biology abstracts",
    licence=_LICENCE,
    citation="Collier and Kim, JNLPBA shared task, 2004 (W04-1213)",
    note="whole abstracts; dev is the 200 training documents of the IOB conversion's devel part, left out of train",
    aliases=_ALIASES,
    overlaps=("genia", "genia_ge11", "jnlpba_iob"),
    definitions_from=_FROM,
)

_JNLPBA_IOB = Corpus(
    name="jnlpba_iob",
    folder_name="jnlpba",
    parts={"dev": Part(("devel.tsv",)), "test": Part(("test.tsv",))},
    reader="columns",
    options={"separator": "\t", "join": "-/"},
    schema=Schema(_TYPES, "jnlpba_iob"),
    names=_NAMES,
    families=("entities",),
    domain="molecular biology sentences",
    licence=_LICENCE,
    citation="Collier and Kim, JNLPBA shared task, 2004 (W04-1213); conversion: Crichton et al. 2017",
    note="jnlpba's dev and test parts in sentences; no training part in this copy",
    aliases=_ALIASES,
    overlaps=("genia", "genia_ge11", "jnlpba"),
    definitions_from=_FROM,
)

CORPORA = (_GENIA, _JNLPBA, _JNLPBA_IOB)
