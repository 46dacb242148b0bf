#!/usr/bin/env bash
# Vérifie ce dossier de preuve sans aucun programme de la plateforme : bash, coreutils, sed
# et openssl (3.0 ou plus récent).
#
#   bash verify.sh [CLES [RACINES]]
#
# CLES : les clés publiques de la plateforme, telles que vous les tenez d'ailleurs que de ce
# dossier ; à défaut, celles qu'il contient, qui ne prouvent alors que sa cohérence.
# RACINES : les certificats (PEM) des racines sous lesquelles vous croyez une autorité
# d'horodatage ; à défaut, les jetons ne sont pas jugés.
set -euo pipefail
export LC_ALL=C

ici=$(cd "$(dirname "$0")" && pwd)
cles=$(realpath "${1:-$ici/cles.txt}")
racines=${2:+$(realpath "$2")}
travail=$(mktemp -d)
trap 'rm -rf "$travail"' EXIT
cd "$ici"

echec() {
    echo "INVALIDE : $1" >&2
    exit 1
}
sha256() { sha256sum | cut -d' ' -f1; }
octets() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
en_hexa() { base64 -d <<<"$1" | od -An -v -tx1 | tr -d ' \n'; }
champ() { sed -n "s/.*\"$1\":\"\\([0-9a-f]*\\)\".*/\\1/p" "$2"; }

# Un sceau : son texte est signé, au nom de son journal, par l'une des clés (C2SP signed-note).
signe() {
    local sceau=$1 origine cle signature
    origine=$(head -n 1 "$sceau")
    sed '/^$/,$d' "$sceau" >"$travail/texte"
    # La signature suit quatre octets qui nomment sa clé.
    sed -n "1,/^\$/d; s/^— ${origine//\//\\/} //p" "$sceau" | while read -r signature; do
        base64 -d <<<"$signature" | tail -c 64 >"$travail/signature"
        while read -r cle; do
            # Nom+empreinte+base64(1 ‖ clé), mise sous la forme que lit openssl (RFC 8410).
            cle=${cle#*+}
            { octets 302a300506032b6570032100; base64 -d <<<"${cle#*+}" | tail -c 32; } >"$travail/cle"
            if openssl pkeyutl -verify -pubin -keyform DER -inkey "$travail/cle" -rawin \
                -in "$travail/texte" -sigfile "$travail/signature" >/dev/null 2>&1; then
                echo oui
            fi
        done <"$cles"
    done | grep -q oui
}

# Une feuille est dans l'arbre que scelle sa preuve (C2SP tlog-proof, RFC 9162 §2.1.3.2).
incluse() {
    local feuille=$1 preuve=$2 noeud place dernier frere racine
    sed '1,/^$/d' "$preuve" >"$travail/sceau"
    signe "$travail/sceau" || return 1
    noeud=$({ printf '\0'; cat "$feuille"; } | sha256)
    place=$(sed -n 's/^index //p' "$preuve" | head -n 1)
    dernier=$(($(sed -n 2p "$travail/sceau") - 1))
    racine=$(en_hexa "$(sed -n 3p "$travail/sceau")")
    [[ $place -le $dernier ]] || return 1
    while read -r frere; do
        frere=$(en_hexa "$frere")
        [[ $dernier -ne 0 ]] || return 1
        if ((place % 2 == 1)) || [[ $place -eq $dernier ]]; then
            noeud=$(octets "01$frere$noeud" | sha256)
            while ((place % 2 == 0)) && [[ $place -ne 0 ]]; do
                place=$((place / 2)) dernier=$((dernier / 2))
            done
        else
            noeud=$(octets "01$noeud$frere" | sha256)
        fi
        place=$((place / 2)) dernier=$((dernier / 2))
    done < <(sed -n '/^index /,/^$/p' "$preuve" | sed '1d;$d')
    [[ $dernier -eq 0 && $noeud == "$racine" ]]
}

# Un arbre de tant de feuilles et de cette racine est le début de celui que scelle le sceau
# (RFC 9162 §2.1.4.2).
prolonge() {
    local debut=$1 depuis=$2 prolongement=$3 taille racine ici_debut ici_racine n d frere premier
    sed '1,/^$/d' "$prolongement" >"$travail/sceau"
    signe "$travail/sceau" || return 1
    taille=$(sed -n 2p "$travail/sceau")
    racine=$(en_hexa "$(sed -n 3p "$travail/sceau")")
    sed '1d; /^$/,$d' "$prolongement" >"$travail/chemin"
    [[ $(sed -n '1s/^old //p' "$prolongement") == "$debut" && $debut -le $taille ]] || return 1
    if [[ $debut -eq $taille ]]; then
        [[ ! -s $travail/chemin && $depuis == "$racine" ]]
        return
    fi
    if [[ $debut -eq 0 ]]; then
        [[ ! -s $travail/chemin ]]
        return
    fi
    n=$((debut - 1)) d=$((taille - 1)) premier=oui
    while ((n % 2 == 1)); do n=$((n / 2)) d=$((d / 2)); done
    # Un premier arbre complet est lui-même le premier nœud du chemin.
    if (((debut & (debut - 1)) == 0)); then ici_debut=$depuis ici_racine=$depuis premier=non; fi
    while read -r frere; do
        frere=$(en_hexa "$frere")
        if [[ $premier == oui ]]; then
            ici_debut=$frere ici_racine=$frere premier=non
            continue
        fi
        [[ $d -ne 0 ]] || return 1
        if ((n % 2 == 1)) || [[ $n -eq $d ]]; then
            ici_debut=$(octets "01$frere$ici_debut" | sha256)
            ici_racine=$(octets "01$frere$ici_racine" | sha256)
            while ((n % 2 == 0)) && [[ $n -ne 0 ]]; do n=$((n / 2)) d=$((d / 2)); done
        else
            ici_racine=$(octets "01$ici_racine$frere" | sha256)
        fi
        n=$((n / 2)) d=$((d / 2))
    done <"$travail/chemin"
    [[ $premier == non && $d -eq 0 && $ici_debut == "$depuis" && $ici_racine == "$racine" ]]
}

# L'arbre que nomme une clôture.
prolongee() {
    prolonge "$(sed -n 's/.*"dernier":\([0-9]*\).*/\1/p' "$1")" "$(champ racine "$1")" "$2"
}

# Une clôture est du journal dont voici le sceau, et c'est lui qui la prolonge.
du_meme_journal() {
    local cloture=$1 sceau=$2 portail annee
    portail=$(sed -n 's/.*"portail":"\([^"]*\)".*/\1/p' "$cloture")
    annee=$(sed -n 's/.*"annee":\([0-9]*\).*/\1/p' "$cloture")
    cmp -s "$travail/sceau" "$sceau" && [[ $(head -n 1 "$sceau") == */"$portail/$annee" ]]
}

# Un témoin : l'heure et le texte du sceau sont signés par lui (C2SP tlog-cosignature).
contresigne() {
    local sceau=$1 cle=$2 nom ligne instant
    nom=${cle%%+*}
    ligne=$(sed -n "1,/^\$/d; s/^— ${nom//\//\\/} //p" "$sceau" | head -n 1)
    [[ -n $ligne ]] || return 1
    base64 -d <<<"$ligne" >"$travail/ligne"
    instant=$((16#$(tail -c +5 "$travail/ligne" | head -c 8 | od -An -v -tx1 | tr -d ' \n')))
    { printf 'cosignature/v1\ntime %s\n' "$instant"; sed '/^$/,$d' "$sceau"; } >"$travail/texte"
    tail -c 64 "$travail/ligne" >"$travail/signature"
    cle=${cle#*+}
    { octets 302a300506032b6570032100; base64 -d <<<"${cle#*+}" | tail -c 32; } >"$travail/cle"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$travail/cle" -rawin \
        -in "$travail/texte" -sigfile "$travail/signature" >/dev/null 2>&1 || return 2
    echo "$instant"
}

(cd .. && sha256sum --quiet --strict -c manifest-sha256.txt) || echec "un fichier du dossier a changé"
echo "Les fichiers du dossier sont ceux de son manifeste."

# Les actes, et les consultations du journal depuis.
for fait in faits/*/ acces/*/; do
    [[ -e $fait/feuille.json ]] || continue
    place=$(basename "$fait")
    incluse "$fait/feuille.json" "$fait/preuve.tlog-proof" || echec "$place : la feuille n'est pas dans un journal scellé par ces clés"
    [[ $(sha256 <"$fait/charge.json") == "$(champ ct_sha256 "$fait/feuille.json")" ]] ||
        echec "$place : le contenu chiffré n'est pas celui que nomme la feuille"
    if [[ -e $fait/contenu.json ]]; then
        engagement=$({ printf 'ent-commit-v1\0'; octets "$(cat "$fait/sel.hex")"; cat "$fait/contenu.json"; } | sha256)
        [[ $engagement == "$(champ commit "$fait/feuille.json")" ]] ||
            echec "$place : le contenu n'est pas celui auquel la feuille s'engage"
        echo "$place : scellé, contenu conforme."
    else
        echo "$place : scellé, contenu absent (voir le rapport)."
    fi
done

for journal in journaux/*/; do
    for cloture in "$journal"clotures/*/; do
        [[ -e $cloture/cloture.json ]] || continue
        jour=$(basename "$cloture")
        incluse "$cloture/cloture.json" "$cloture/meta.tlog-proof" ||
            echec "$journal : la clôture du $jour n'est pas au méta-journal"
        prolongee "$cloture/cloture.json" "$cloture/prolongement" ||
            echec "$journal : le journal ne prolonge pas ce qu'il contenait à la clôture du $jour"
        du_meme_journal "$cloture/cloture.json" "$journal/checkpoint" ||
            echec "$journal : la clôture du $jour est celle d'un autre journal"
        echo "$(basename "$journal") : prolonge sa clôture du $jour."
    done
    [[ -e $journal/meta.tlog-proof ]] || continue
    incluse "$journal/checkpoint" "$journal/meta.tlog-proof" ||
        echec "$journal : son sceau n'est pas au méta-journal"
    echo "$(basename "$journal") : sceau consigné au méta-journal."
    sed '1,/^$/d' "$journal/meta.tlog-proof" >"$travail/meta"
    # Qui doit avoir contresigné est dit par la politique ; qui l'a fait est dit ici.
    while read -r mot nom cle _; do
        [[ $mot == witness ]] || continue
        code=0
        instant=$(contresigne "$travail/meta" "$cle") || code=$?
        case $code in
        0) echo "    contresigné par $nom le $(date -u -d "@$instant" '+%Y-%m-%d à %H:%M:%S UTC')" ;;
        1) echo "    sans contreseing de $nom" ;;
        *) echec "$journal : ce que $nom aurait contresigné ne l'est pas" ;;
        esac
    done < <(if [[ -e temoins.txt ]]; then cat temoins.txt; fi)
done

for horodatage in horodatages/*/; do
    [[ -e $horodatage/jeton.tsr ]] || continue
    taille=$(basename "$horodatage")
    signe "$horodatage/note" || echec "l'horodatage sur $taille feuilles ne porte pas sur un sceau de ces clés"
    [[ $(sed -n 2p "$horodatage/note") == "$taille" ]] &&
        prolonge "$taille" "$(en_hexa "$(sed -n 3p "$horodatage/note")")" "$horodatage/prolongement" ||
        echec "le méta-journal ne prolonge pas ce qui a été horodaté sur $taille feuilles"
    # Celui d'un sceau, s'il est déjà consigné, et celui des clôtures.
    montre=non
    for preuve in journaux/*/meta.tlog-proof journaux/*/clotures/*/meta.tlog-proof; do
        [[ -e $preuve ]] || continue
        montre=oui
        sed '1,/^$/d' "$preuve" | cmp -s - "$travail/sceau" ||
            echec "l'horodatage sur $taille feuilles n'est pas du méta-journal montré ici"
    done
    [[ $montre == oui ]] || echec "l'horodatage sur $taille feuilles ne date rien de ce qui est montré ici"
    if [[ -z $racines ]]; then
        echo "Horodatage sur $taille feuilles : joint, non jugé (donnez des racines)."
        continue
    fi
    openssl ts -verify -in "$horodatage/jeton.tsr" -data "$horodatage/note" -CAfile "$racines" >/dev/null 2>&1 ||
        echec "l'horodatage sur $taille feuilles n'est pas cru sous ces racines"
    quand=$(openssl ts -reply -in "$horodatage/jeton.tsr" -text 2>/dev/null | sed -n 's/^Time stamp: //p')
    echo "Horodatage : les $taille premières feuilles du méta-journal existaient le $quand."
done
echo "VALIDE"
