"""Hold the topics (thématiques) of data·inclusion and their categories."""

# Written by scripts/derive_inclusion_codes.py.
from enum import StrEnum

from raccord.reference.data_inclusion import build_list


class TopicCategory(StrEnum):
    """Name a family of topics."""

    CHOOSING_AN_OCCUPATION = "choisir-un-metier"
    STARTING_A_BUSINESS = "creer-une-entreprise"
    ADMINISTRATIVE_OR_LEGAL_DIFFICULTIES = "difficultes-administratives-ou-juridiques"
    FINANCIAL_DIFFICULTIES = "difficultes-financieres"
    EQUIPMENT_AND_FOOD = "equipement-et-alimentation"
    FAMILY = "famille"
    READING_WRITING_ARITHMETIC = "lecture-ecriture-calcul"
    HOUSING = "logement-hebergement"
    MOBILITY = "mobilite"
    DIGITAL = "numerique"
    PREPARING_AN_APPLICATION = "preparer-sa-candidature"
    REMOBILISATION = "remobilisation"
    HEALTH = "sante"
    TRAINING = "se-former"
    INTERNATIONAL = "souvrir-a-linternational"
    FINDING_A_JOB = "trouver-un-emploi"


class Topic(StrEnum):
    """Name what a service helps with."""

    CHOISIR_UN_METIER__CONFIRMER_SON_CHOIX_DE_METIER = "choisir-un-metier--confirmer-son-choix-de-metier"
    CHOISIR_UN_METIER__CONNAITRE_LES_OPPORTUNITES_DEMPLOI = "choisir-un-metier--connaitre-les-opportunites-demploi"
    CHOISIR_UN_METIER__DECOUVRIR_UN_METIER_OU_UN_SECTEUR_DACTIVITE = (
        "choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite"
    )
    CHOISIR_UN_METIER__IDENTIFIER_SES_POINTS_FORTS_ET_SES_COMPETENCES = (
        "choisir-un-metier--identifier-ses-points-forts-et-ses-competences"
    )
    CREER_UNE_ENTREPRISE__DEFINIR_SON_PROJET_DE_CREATION_DENTREPRISE = (
        "creer-une-entreprise--definir-son-projet-de-creation-dentreprise"
    )
    CREER_UNE_ENTREPRISE__DEVELOPPER_SON_ENTREPRISE = "creer-une-entreprise--developper-son-entreprise"
    CREER_UNE_ENTREPRISE__STRUCTURER_SON_PROJET_DE_CREATION_DENTREPRISE = (
        "creer-une-entreprise--structurer-son-projet-de-creation-dentreprise"
    )
    DIFFICULTES_ADMINISTRATIVES_OU_JURIDIQUES__ACCOMPAGNEMENT_AUX_DEMARCHES_ADMINISTRATIVES = (
        "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives"
    )
    DIFFICULTES_ADMINISTRATIVES_OU_JURIDIQUES__ACCOMPAGNEMENT_POUR_LACCES_A_LA_CITOYENNETE = (
        "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete"
    )
    DIFFICULTES_ADMINISTRATIVES_OU_JURIDIQUES__ACCOMPAGNEMENT_POUR_LACCES_AUX_DROITS = (
        "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
    )
    DIFFICULTES_ADMINISTRATIVES_OU_JURIDIQUES__BENEFICIER_DUNE_MESURE_DACCOMPAGNEMENT_ADAPTE = (
        "difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte"
    )
    DIFFICULTES_ADMINISTRATIVES_OU_JURIDIQUES__CONNAITRE_SES_DROITS_FACE_A_UNE_DISCRIMINATION = (
        "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination"
    )
    DIFFICULTES_ADMINISTRATIVES_OU_JURIDIQUES__PRENDRE_EN_COMPTE_UNE_PROBLEMATIQUE_JUDICIAIRE = (
        "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire"
    )
    DIFFICULTES_FINANCIERES__ACQUERIR_UNE_AUTONOMIE_BUDGETAIRE = (
        "difficultes-financieres--acquerir-une-autonomie-budgetaire"
    )
    DIFFICULTES_FINANCIERES__AMELIORER_SA_GESTION_BUDGETAIRE = (
        "difficultes-financieres--ameliorer-sa-gestion-budgetaire"
    )
    DIFFICULTES_FINANCIERES__METTRE_EN_PLACE_UNE_MESURE_DE_PROTECTION_FINANCIERE = (
        "difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere"
    )
    DIFFICULTES_FINANCIERES__PREVENIR_UNE_DEGRADATION_DE_LA_SITUATION_FINANCIERE = (
        "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere"
    )
    DIFFICULTES_FINANCIERES__SITUATION_DENDETTEMENT_SURENDETTEMENT = (
        "difficultes-financieres--situation-dendettement-surendettement"
    )
    EQUIPEMENT_ET_ALIMENTATION__AIDE_MENAGERE = "equipement-et-alimentation--aide-menagere"
    EQUIPEMENT_ET_ALIMENTATION__ALIMENTATION = "equipement-et-alimentation--alimentation"
    EQUIPEMENT_ET_ALIMENTATION__ELECTROMENAGER = "equipement-et-alimentation--electromenager"
    EQUIPEMENT_ET_ALIMENTATION__HABILLEMENT = "equipement-et-alimentation--habillement"
    FAMILLE__GARDE_DENFANTS = "famille--garde-denfants"
    FAMILLE__PRISE_EN_CHARGE_PERSONNE_DEPENDANTE = "famille--prise-en-charge-personne-dependante"
    FAMILLE__SOUTIEN_A_LA_PARENTALITE_ET_A_LEDUCATION = "famille--soutien-a-la-parentalite-et-a-leducation"
    FAMILLE__SOUTIEN_AIDANTS = "famille--soutien-aidants"
    FAMILLE__SURMONTER_CONFLITS_SEPARATION_VIOLENCE = "famille--surmonter-conflits-separation-violence"
    LECTURE_ECRITURE_CALCUL__MAITRISER_LE_CALCUL = "lecture-ecriture-calcul--maitriser-le-calcul"
    LECTURE_ECRITURE_CALCUL__MAITRISER_LE_FRANCAIS = "lecture-ecriture-calcul--maitriser-le-francais"
    LOGEMENT_HEBERGEMENT__ACHETER_UN_LOGEMENT = "logement-hebergement--acheter-un-logement"
    LOGEMENT_HEBERGEMENT__CHANGER_DE_LOGEMENT = "logement-hebergement--changer-de-logement"
    LOGEMENT_HEBERGEMENT__LOUER_UN_LOGEMENT = "logement-hebergement--louer-un-logement"
    LOGEMENT_HEBERGEMENT__RECHERCHER_UNE_SOLUTION_DHEBERGEMENT_TEMPORAIRE = (
        "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"
    )
    LOGEMENT_HEBERGEMENT__REDUIRE_LES_IMPAYES_DE_LOYER = "logement-hebergement--reduire-les-impayes-de-loyer"
    LOGEMENT_HEBERGEMENT__SE_MAINTENIR_DANS_LE_LOGEMENT = "logement-hebergement--se-maintenir-dans-le-logement"
    LOGEMENT_HEBERGEMENT__SINFORMER_SUR_LES_DEMARCHES_LIEES_A_LACCES_AU_LOGEMENT = (
        "logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement"
    )
    MOBILITE__ACCEDER_A_UN_VEHICULE = "mobilite--acceder-a-un-vehicule"
    MOBILITE__ENTRETENIR_REPARER_SON_VEHICULE = "mobilite--entretenir-reparer-son-vehicule"
    MOBILITE__ETRE_ACCOMPAGNE_DANS_SON_PARCOURS_MOBILITE = "mobilite--etre-accompagne-dans-son-parcours-mobilite"
    MOBILITE__FINANCER_MA_MOBILITE = "mobilite--financer-ma-mobilite"
    MOBILITE__PREPARER_UN_PERMIS = "mobilite--preparer-un-permis"
    MOBILITE__UTILISER_DES_SERVICES_DE_MOBILITE_DOUCE_PARTAGEE_COLLECTIVE = (
        "mobilite--mobilite-douce-partagee-collective"
    )
    NUMERIQUE__ACCEDER_A_DES_SERVICES_EN_LIGNE = "numerique--acceder-a-des-services-en-ligne"
    NUMERIQUE__ACCEDER_A_UNE_CONNEXION_INTERNET = "numerique--acceder-a-une-connexion-internet"
    NUMERIQUE__ACQUERIR_UN_EQUIPEMENT = "numerique--acquerir-un-equipement"
    NUMERIQUE__MAITRISER_LES_FONDAMENTAUX_DU_NUMERIQUE = "numerique--maitriser-les-fondamentaux-du-numerique"
    PREPARER_SA_CANDIDATURE__DEVELOPPER_SON_RESEAU = "preparer-sa-candidature--developper-son-reseau"
    PREPARER_SA_CANDIDATURE__ORGANISER_SES_DEMARCHES_DE_RECHERCHE_DEMPLOI = (
        "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi"
    )
    PREPARER_SA_CANDIDATURE__REALISER_UN_CV_ET_OU_UNE_LETTRE_DE_MOTIVATION = (
        "preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation"
    )
    PREPARER_SA_CANDIDATURE__VALORISER_SES_COMPETENCES = "preparer-sa-candidature--valoriser-ses-competences"
    REMOBILISATION__ACTIVITES_SPORTIVES_ET_CULTURELLES = "remobilisation--activites-sportives-et-culturelles"
    REMOBILISATION__BENEVOLAT_ACTION_CITOYENNE = "remobilisation--benevolat-action-citoyenne"
    REMOBILISATION__BIEN_ETRE_CONFIANCE_EN_SOI = "remobilisation--bien-etre-confiance-en-soi"
    REMOBILISATION__LIEN_SOCIAL = "remobilisation--lien-social"
    SANTE__ACCES_AUX_SOINS = "sante--acces-aux-soins"
    SANTE__ADDICTIONS = "sante--addictions"
    SANTE__CONSTITUER_UN_DOSSIER_MDPH_INVALIDITE = "sante--constituer-un-dossier-mdph-invalidite"
    SANTE__SANTE_MENTALE = "sante--sante-mentale"
    SANTE__SANTE_SEXUELLE = "sante--sante-sexuelle"
    SE_FORMER__MONTER_SON_DOSSIER_DE_FORMATION = "se-former--monter-son-dossier-de-formation"
    SE_FORMER__TROUVER_SA_FORMATION = "se-former--trouver-sa-formation"
    SOUVRIR_A_LINTERNATIONAL__CONNAITRE_LES_OPPORTUNITES_DEMPLOI_A_LETRANGER = (
        "souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger"
    )
    SOUVRIR_A_LINTERNATIONAL__SINFORMER_SUR_LES_AIDES_POUR_TRAVAILLER_A_LETRANGER = (
        "souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger"
    )
    SOUVRIR_A_LINTERNATIONAL__SORGANISER_SUITE_A_SON_RETOUR_EN_FRANCE = (
        "souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france"
    )
    TROUVER_UN_EMPLOI__CONVAINCRE_UN_RECRUTEUR_EN_ENTRETIEN = "trouver-un-emploi--convaincre-un-recruteur-en-entretien"
    TROUVER_UN_EMPLOI__FAIRE_DES_CANDIDATURES_SPONTANEES = "trouver-un-emploi--faire-des-candidatures-spontanees"
    TROUVER_UN_EMPLOI__MAINTIEN_DANS_LEMPLOI = "trouver-un-emploi--maintien-dans-lemploi"
    TROUVER_UN_EMPLOI__REPONDRE_A_DES_OFFRES_DEMPLOI = "trouver-un-emploi--repondre-a-des-offres-demploi"
    TROUVER_UN_EMPLOI__SUIVRE_SES_CANDIDATURES_ET_RELANCER_LES_EMPLOYEURS = (
        "trouver-un-emploi--suivre-ses-candidatures-et-relancer-les-employeurs"
    )


TOPIC_CATEGORIES = build_list("topic_categories")
TOPICS = build_list("topics")
