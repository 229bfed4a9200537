// This file has the hash by which equal weights are known.

package nn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"

	"cajal/engine/internal/par"
)

// From more than largeHash weights on, what is hashed are digests of blocks of weights,
// so that an interrupted training of a large model ends at once.
const (
	largeHash = 1 << 20
	hashBlock = 1 << 16
)

// hash returns the beginning of the SHA-256 of all weights, or of digests of them, 12
// hexadecimal digits. The caller holds mu.
func (m *Model) hash() string {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	var runs [][]float32
	large := m.Params() > largeHash
	for _, n := range m.nodes {
		for _, p := range n.params {
			p.each(func(_, stored, n int) {
				run := p.w[stored : stored+n]
				if large {
					runs = append(runs, run)
					return
				}
				for _, f := range run {
					buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(f))
					if len(buf) > 4000 {
						h.Write(buf)
						buf = buf[:0]
					}
				}
			})
		}
	}
	for _, d := range digests(runs) {
		buf = binary.LittleEndian.AppendUint64(buf, d)
	}
	h.Write(buf)
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// digests returns a number for every block of runs of weights. Where the blocks begin
// and end depends on the lengths of the runs only.
func digests(runs [][]float32) []uint64 {
	var starts []int // of the blocks, in runs
	size := hashBlock
	for i, r := range runs {
		if size >= hashBlock {
			starts, size = append(starts, i), 0
		}
		size += len(r)
	}
	starts = append(starts, len(runs))
	out := make([]uint64, len(starts)-1)
	pool := par.New(0)
	defer pool.Close()
	pool.Run(len(out), func(i int) {
		d := digest{uint64(i), 1, 2, 3}
		for _, r := range runs[starts[i]:starts[i+1]] {
			d.add(r)
		}
		out[i] = d.sum()
	})
	return out
}

// digest is four numbers into which others are mixed, as xxHash does with its lanes
// (github.com/Cyan4973/xxHash, doc/xxhash_spec.md, the round of XXH64).
type digest [4]uint64

const (
	prime1 = 11400714785074694791
	prime2 = 14029467366897019727
)

func round(acc, v uint64) uint64 { return bits.RotateLeft64(acc+v*prime2, 31) * prime1 }

func pair(x []float32) uint64 {
	return uint64(math.Float32bits(x[0])) | uint64(math.Float32bits(x[1]))<<32
}

func (d *digest) add(x []float32) {
	a, b, c, e := d[0], d[1], d[2], d[3]
	for ; len(x) >= 8; x = x[8:] {
		a, b, c, e = round(a, pair(x[0:])), round(b, pair(x[2:])), round(c, pair(x[4:])), round(e, pair(x[6:]))
	}
	for _, v := range x {
		a = round(a, uint64(math.Float32bits(v)))
	}
	d[0], d[1], d[2], d[3] = a, b, c, e
}

func (d *digest) sum() uint64 {
	s := bits.RotateLeft64(d[0], 1) + bits.RotateLeft64(d[1], 7) + bits.RotateLeft64(d[2], 12) + bits.RotateLeft64(d[3], 18)
	for _, v := range d {
		s = (s^round(0, v))*prime1 + prime2
	}
	return s ^ s>>32
}
