#!/usr/bin/env bash
# Vérifie ce dossier de preuve sans aucun programme de la plateforme : bash, coreutils, sed
# et openssl (3.0 ou plus récent).
#
#   bash verify.sh [CLES]
#
# CLES : les clés publiques de la plateforme, telles que vous les tenez d'ailleurs que de ce
# dossier ; à défaut, celles qu'il contient, qui ne prouvent alors que sa cohérence.
set -euo pipefail
export LC_ALL=C

ici=$(cd "$(dirname "$0")" && pwd)
cles=$(realpath "${1:-$ici/cles.txt}")
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

for fait in faits/*/; do
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
echo "VALIDE"
