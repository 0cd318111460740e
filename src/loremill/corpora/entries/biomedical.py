# SPDX-License-Identifier: Apache-2.0
"""Names in biomedical texts: one-sentence items made from IOB conversions."""

from __future__ import annotations

from functools import partial

from .wording import entities, entity_columns

_converted = partial(
    entity_columns,
    files={"train": "train.tsv", "dev": "devel.tsv", "test": "test.tsv"},
    options={"join": "-/.", "separator": "\t"},
    licence="CC BY 4.0 (conversion)",
    definitions_from="the names of the types and examples of the dev part",
)
"""A set as Crichton et al. (2017) converted it to IOB, split at every punctuation mark."""

_BC5CDR = _converted(
    "bc5cdr",
    entities(
        chemical="The name of a drug, chemical element or compound.",
        disease="The name of an illness, symptom, injury or other abnormal condition of the body.",
    ),
    {"Chemical": "chemical", "Disease": "disease"},
    options={"join": "-/."},
    domain="biomedical abstracts",
    citation="Li et al., BioCreative V CDR task corpus, Database 2016, baw068; conversion: Crichton et al. 2017",
    aliases={
        "chemical": ("drug", "compound", "substance", "medication"),
        "disease": ("illness", "disorder", "medical condition"),
    },
)

_NCBI_DISEASE = _converted(
    "ncbi_disease",
    entities(disease="The name or abbreviation of an illness, a class of illnesses or an abnormal deficiency."),
    {"Disease": "disease"},
    domain="biomedical abstracts",
    citation="Doğan, Leaman and Lu, J. Biomedical Informatics 2014; conversion: Crichton et al. 2017",
    aliases={"disease": ("illness", "disorder", "medical condition")},
)

_BC2GM = _converted(
    "bc2gm",
    entities(gene="The name of a gene, of a protein or other product of it, or of a family or part of these."),
    {"GENE": "gene"},
    domain="biomedical sentences",
    citation="Smith et al., BioCreative II gene mention, Genome Biology 2008; conversion: Crichton et al. 2017",
    aliases={"gene": ("gene or protein", "gene or gene product", "gene name")},
)

_ANATEM = _converted(
    "anatem",
    entities(anatomy="A part of a body, from organs, tissues and cells to tumours and fluids, also as adjective."),
    {"Anatomy": "anatomy"},
    domain="biomedical abstracts and full texts",
    licence="CC BY 4.0 (conversion), CC BY-SA 3.0 (AnatEM)",
    citation="Pyysalo and Ananiadou, AnatEM, Bioinformatics 2014; conversion: Crichton et al. 2017",
    note="the conversion merges twelve types; holds all sentences of bionlp13cg, 44 of its train and dev part in test",
    aliases={"anatomy": ("anatomical entity", "body part", "anatomical structure")},
    overlaps=("bionlp13cg",),
)

_BIONLP13CG = _converted(
    "bionlp13cg",
    entities(
        gene_or_gene_product="The name of a gene, of an RNA or protein made from it, or of a family of these.",
        cell="A cell, a kind of cell or a cell line.",
        cancer="A tumour or malignant disease, also as adjective.",
        simple_chemical="The name of a drug, ion or other small molecule that is no amino acid.",
        organism="A species, a strain or a single living being, such as mice, patients or a virus.",
        multi_tissue_structure="A part of an organ built of several tissues, such as a vessel or lymph node.",
        tissue="A mass of similar cells, such as epithelium or muscle layer.",
        cellular_component="A part of a cell, such as a membrane, nucleus or chromatin.",
        organ="A whole organ, such as liver or brain, also as adjective.",
        organism_substance="A fluid or material that a body or plant makes, such as blood, serum or extract.",
        pathological_formation="A lesion, wound or other diseased structure that is no cancer.",
        amino_acid="An amino acid or a residue of it in a protein.",
        immaterial_anatomical_entity="A space, surface or place in a body, such as a lumen or intracellular.",
        organism_subdivision="A region of a whole body, such as a limb, the throat or the breast.",
        anatomical_system="A system of organs that work together, such as the cardiovascular one.",
        developing_anatomical_structure="An embryo or a structure that exists only while a body grows.",
    ),
    {
        raw: raw.replace("-", "_").lower()
        for raw in (
            *("Gene_or_gene_product", "Cell", "Cancer", "Simple_chemical", "Organism", "Multi-tissue_structure"),
            *("Tissue", "Cellular_component", "Organ", "Organism_substance", "Pathological_formation", "Amino_acid"),
            *("Immaterial_anatomical_entity", "Organism_subdivision", "Anatomical_system"),
            "Developing_anatomical_structure",
        )
    },
    licence="CC BY-SA 3.0",
    domain="cancer genetics abstracts",
    citation="Pyysalo, Ohta and Ananiadou, BioNLP shared task 2013 (W13-2008); conversion: Crichton et al. 2017",
    note="of overlapping mentions the conversion kept the shorter; all sentences stand in anatem too, 34 of train and "
    "10 of dev in its test part",
    aliases={
        "gene_or_gene_product": ("gene", "protein", "gene name"),
        "cell": ("cell type", "cell line"),
        "cancer": ("tumour", "malignancy"),
        "simple_chemical": ("chemical", "drug", "compound"),
        "organism": ("species", "living being"),
        "multi_tissue_structure": ("multi-tissue structure", "part of an organ"),
        "tissue": ("kind of tissue", "body tissue"),
        "cellular_component": ("cell component", "organelle", "part of a cell"),
        "organ": ("body organ", "internal organ"),
        "organism_substance": ("body fluid", "secretion"),
        "pathological_formation": ("lesion", "pathological structure"),
        "amino_acid": ("amino acid residue", "amino acid name"),
        "immaterial_anatomical_entity": ("anatomical space", "anatomical surface"),
        "organism_subdivision": ("body region", "part of the body"),
        "anatomical_system": ("organ system", "body system"),
        "developing_anatomical_structure": ("embryonic structure", "embryo"),
    },
    overlaps=("anatem",),
)

_CRAFT = _converted(
    "craft",
    entities(
        chemical="A chemical element, compound or class of molecules, protein and mRNA as substances included.",
        cell_type="A cell or a kind of cell, such as photoreceptor or keratinocyte.",
        gene_or_gene_product="The name of one particular gene or of its protein.",
        cellular_component="A part of a cell or a complex of molecules, such as an axon, membrane or spindle.",
        sequence_feature="A kind of sequence or genetic state, such as gene, allele, deletion or wild-type.",
        species="A species or other group of living beings, such as mouse, human or animals.",
    ),
    {
        **{"CHEBI": "chemical", "CL": "cell_type", "GGP": "gene_or_gene_product"},
        **{"GO": "cellular_component", "SO": "sequence_feature", "Taxon": "species"},
    },
    domain="biomedical full texts",
    citation="Bada et al., CRAFT, BMC Bioinformatics 2012; conversion: Crichton et al. 2017",
    aliases={
        "chemical": ("substance", "compound", "molecule"),
        "cell_type": ("cell", "kind of cell"),
        "gene_or_gene_product": ("gene name", "protein name"),
        "cellular_component": ("organelle", "part of a cell"),
        "sequence_feature": ("genetic sequence", "sequence"),
        "species": ("organism", "taxon"),
    },
    definitions_from="the names of the ontologies and examples of the dev part",
)

_LINNAEUS = _converted(
    "linnaeus",
    entities(species="The common or scientific name of a species, or a word for people such as patients."),
    {"Species": "species"},
    domain="biomedical full texts",
    citation="Gerner, Nenadic and Bergman, LINNAEUS, BMC Bioinformatics 2010; conversion: Crichton et al. 2017",
    aliases={"species": ("organism", "taxon", "species name")},
)

CORPORA = (_BC5CDR, _NCBI_DISEASE, _BC2GM, _ANATEM, _BIONLP13CG, _CRAFT, _LINNAEUS)
