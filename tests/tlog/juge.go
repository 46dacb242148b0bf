// A judge that is not ours: reads an exported journal with Go's golang.org/x/mod/sumdb
// (the code behind sum.golang.org) and says whether everything in it holds together.
//
//	juge DOSSIER
//
// DOSSIER has: cle (verifier key), checkpoint, tile/{L}/{N}[.p/{W}], tile/entries/…,
// ancien (an older checkpoint), coherence (a consistency proof, one hash a line), and
// preuves/*.tlog-proof, and, where somebody witnessed it, temoin: the verifier key of a witness
// that must have cosigned the checkpoint.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func refuse(what string) { check(fmt.Errorf("does not hold"), what) }

type files struct{ folder string }

func (f files) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(f.folder, name))
	check(err, name)
	return data
}

// Tiles of C2SP have no height in their path, and are 8 levels high.
func (f files) Height() int { return 8 }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.folder, "tile", strings.TrimPrefix(tile.Path(), "tile/8/")))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// The head of the tree in a signed checkpoint.
func head(text []byte, key, what string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	check(err, "cle")
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err, what)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		refuse(what + ": its first line")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, what)
	root, err := tlog.ParseHash(lines[2])
	check(err, what)
	return tlog.Tree{N: size, Hash: root}
}

// A witness's verifier key (C2SP tlog-cosignature), which sumdb does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

// Whether the witness of this verifier key cosigned a checkpoint.
func cosigned(text []byte, vkey string) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		refuse("temoin")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, "temoin")
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		refuse("temoin: its algorithm")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if parts[1] != fmt.Sprintf("%08x", hash) {
		refuse("temoin: its hash")
	}
	_, err = note.Open(text, note.VerifierList(witness{parts[0], hash, key[1:]}))
	check(err, "the cosignature")
}

func hashes(lines []string, what string) (all []tlog.Hash) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		check(err, what)
		all = append(all, hash)
	}
	return all
}

// Every leaf, from the entry bundles.
func leaves(f files, size int64) (all [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: -1, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		bundle := f.read(filepath.Join("tile", "entries", strings.TrimPrefix(tile.Path(), "tile/8/data/")))
		for len(bundle) > 0 {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				refuse("an entry bundle's lengths")
			}
			length := int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	return all
}

func main() {
	f := files{os.Args[1]}
	key := strings.TrimSpace(string(f.read("cle")))
	tree := head(f.read("checkpoint"), key, "checkpoint")
	if _, err := os.Stat(filepath.Join(f.folder, "temoin")); err == nil {
		cosigned(f.read("checkpoint"), strings.TrimSpace(string(f.read("temoin"))))
	}
	all := leaves(f, tree.N)
	if int64(len(all)) != tree.N {
		refuse("the number of leaves")
	}
	indexes := make([]int64, tree.N)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	stored, err := tlog.TileHashReader(tree, f).ReadHashes(indexes)
	check(err, "tiles")
	for i, leaf := range all {
		if tlog.RecordHash(leaf) != stored[i] {
			refuse(fmt.Sprintf("leaf %d", i))
		}
	}
	old := head(f.read("ancien"), key, "ancien")
	proof := hashes(strings.Fields(string(f.read("coherence"))), "coherence")
	check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash), "coherence")
	proofs, err := filepath.Glob(filepath.Join(f.folder, "preuves", "*.tlog-proof"))
	check(err, "preuves")
	for _, path := range proofs {
		text, err := os.ReadFile(path)
		check(err, path)
		parts := strings.SplitN(string(text), "\n\n", 2)
		lines := strings.Split(parts[0], "\n")
		if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
			refuse(path)
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		check(err, path)
		at := head([]byte(parts[1]), key, path)
		if index < 0 || index >= int64(len(all)) {
			refuse(path)
		}
		steps := hashes(lines[2:], path)
		check(tlog.CheckRecord(steps, at.N, at.Hash, index, tlog.RecordHash(all[index])), path)
	}
	fmt.Printf("%d leaves, %d proofs, root %s\n", tree.N, len(proofs), base64.StdEncoding.EncodeToString(tree.Hash[:]))
}
