package main

// This file lists the packages that cells may import.

// std are packages of the standard library. Left out on purpose: plugin (no
// meaning here), database/sql (large, and of no use without a
// driver, which is mostly cgo), net/http/pprof and expvar (importing them
// changes the process), readers of object files, which are programs and packages that
// the go command made (debug/..., go/importer), and what differs too much between
// platforms.
const std = `
archive/tar archive/zip
bufio bytes cmp
compress/bzip2 compress/flate compress/gzip compress/lzw compress/zlib
container/heap container/list container/ring
context
crypto crypto/aes crypto/cipher crypto/des crypto/ecdh crypto/ecdsa crypto/ed25519 crypto/elliptic crypto/hmac
crypto/hkdf crypto/md5 crypto/pbkdf2 crypto/rand crypto/rc4 crypto/rsa crypto/sha1 crypto/sha256 crypto/sha3 crypto/sha512 crypto/subtle
crypto/tls crypto/x509 crypto/x509/pkix
database/sql/driver
embed
encoding encoding/ascii85 encoding/asn1 encoding/base32 encoding/base64 encoding/binary encoding/csv encoding/gob
encoding/hex encoding/json encoding/pem encoding/xml
errors flag fmt
go/ast go/build go/build/constraint go/constant go/doc go/doc/comment go/format go/parser go/printer go/scanner go/token go/types go/version
hash hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash
html html/template
image image/color image/color/palette image/draw image/gif image/jpeg image/png
index/suffixarray
io io/fs io/ioutil
iter
log log/slog
maps
math math/big math/bits math/cmplx math/rand math/rand/v2
mime mime/multipart mime/quotedprintable
net net/http net/http/cookiejar net/http/httptest net/http/httptrace net/http/httputil net/mail net/netip net/rpc net/smtp net/textproto net/url
os os/exec os/signal os/user
path path/filepath
reflect regexp regexp/syntax
runtime runtime/cgo runtime/debug runtime/metrics runtime/pprof runtime/trace
slices sort strconv strings
structs sync sync/atomic
syscall
testing testing/fstest testing/iotest testing/quick
text/scanner text/tabwriter text/template text/template/parse
time
unicode unicode/utf16 unicode/utf8 unique
weak
`

// gonum are packages of gonum.org/v1/gonum.
const gonum = `
blas blas/blas32 blas/blas64 blas/cblas128 lapack lapack/lapack64
cmplxs cmplxs/cscalar
diff/fd dsp/fourier dsp/transform dsp/window
floats floats/scalar
graph graph/coloring graph/community graph/encoding graph/encoding/dot graph/encoding/graph6 graph/flow graph/formats/dot graph/formats/dot/ast
graph/graphs/gen graph/iterator graph/layout graph/multi graph/network graph/path graph/path/dynamic graph/product graph/set/uid
graph/simple graph/spectral graph/topo graph/traverse
integrate integrate/quad interp
mat mathext mathext/prng
num/dual num/dualcmplx num/dualquat num/hyperdual num/quat
optimize optimize/convex/lp optimize/functions
spatial/barneshut spatial/curve spatial/kdtree spatial/r1 spatial/r2 spatial/r3 spatial/vptree
stat stat/card stat/combin stat/distmat stat/distmv stat/distuv stat/mds stat/samplemv stat/sampleuv stat/spatial
unit unit/constant
`

// plot are packages of gonum.org/v1/plot.
const plot = `
. font font/liberation palette palette/brewer palette/moreland plotter plotutil text tools/bezier
vg vg/draw vg/recorder vg/vgeps vg/vgimg vg/vgpdf vg/vgsvg
`

// own are folders of this module whose packages cells may import, wherever
// they have any; internal ones are left out.
const own = `engine display`

// notOwn is left out too: it is in use from the start, and its name is gonum's.
const notOwn = "cajal/engine/blas32"
