// This file lists the commands that are a sign.

package mathml

import "strings"

// class is what TeX calls the class of an atom; it decides on spaces.
type class uint8

const (
	ord     class = iota
	op            // \sum, \log
	bin           // +
	rel           // =
	opening       // (
	closing       // )
	punct         // ,
	blank         // a space that was asked for
)

// sign is what a command stands for.
type sign struct {
	text  string
	class class
}

// signs maps the names of commands to signs. Letters have class ord and no
// entry in uprightOrd.
var signs = map[string]sign{}

func init() {
	for class, list := range map[class]string{
		ord: `alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
			varkappa ϰ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ
			phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ
			Omega Ω ell ℓ hbar ℏ hslash ℏ imath ı jmath ȷ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ infty ∞ partial ∂ nabla ∇ emptyset ∅
			varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ triangle △ square □ blacksquare ■
			Box □ diamond ⋄ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ flat ♭ natural ♮ sharp ♯ prime ′ degree °
			ldots … dots … dotsc … dotsb ⋯ dotsm ⋯ dotso … cdots ⋯ vdots ⋮ ddots ⋱ checkmark ✓ dagger † S § P ¶
			backslash \ surd √ complement ∁ eth ð mho ℧ Vert ‖ vert | lbrace { rbrace } _ _ $ $ % % & & # #`,
		bin: `pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ cap ∩
			cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ amalg ⨿
			ddagger ‡ bigtriangleup △ bigtriangledown ▽ triangleleft ◁ triangleright ▷ ltimes ⋉ rtimes ⋊ boxplus ⊞ boxtimes ⊠`,
		rel: `le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝ varpropto ∝ ll ≪ gg ≫ doteq ≐
			triangleq ≜ coloneqq ≔ eqqcolon ≕ colon : prec ≺ succ ≻ preceq ⪯ succeq ⪰ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇
			subsetneq ⊊ supsetneq ⊋ in ∈ ni ∋ notin ∉ mid ∣ nmid ∤ parallel ∥ perp ⊥ vdash ⊢ dashv ⊣ models ⊨ leqslant ⩽
			geqslant ⩾ lesssim ≲ gtrsim ≳ asymp ≍ bowtie ⋈ smile ⌣ frown ⌢ lt < gt >
			to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ implies ⟹
			impliedby ⟸ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸
			Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕
			Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightharpoonup ⇀ rightharpoondown ⇁
			leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ leadsto ⇝ rightsquigarrow ⇝ therefore ∴ because ∵`,
		op: `sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁
			bigotimes ⨂ bigodot ⨀ biguplus ⨄ bigsqcup ⨆`,
		opening: `langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lbrack [ { {`,
		closing: `rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rbrack ] } }`,
	} {
		words := strings.Fields(list)
		for i := 0; i+1 < len(words); i += 2 {
			signs[words[i]] = sign{words[i+1], class}
		}
	}
	signs["|"] = sign{"‖", ord}
}

// uprightOrd are signs of class ord that are no letters: MathML calls them
// operators without spaces, or identifiers that do not lean.
var uprightOrd = "∞∅∀∃∄¬⊤⊥∠△□■⋄♣♢♡♠♭♮♯′°…⋯⋮⋱✓†§¶\\√∁℧‖|{}_$%&#ℵℶℜℑ℘ℏ"

// names are commands that stand for an upright word; those marked with a star
// take limits below in displayed formulas.
var names = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq(`arccos arcsin arctan arg cos cosh cot coth csc deg* det* dim exp gcd* hom inf* ker lg
		lim* liminf* limsup* ln log max* min* Pr* sec sin sinh sup* tan tanh argmax* argmin*`) {
		bare, limits := strings.CutSuffix(name, "*")
		names[bare] = limits
	}
}

// spaces are commands that ask for a space, in em.
var spaces = map[string]string{
	",": "0.1667em", "thinspace": "0.1667em", ":": "0.2222em", ">": "0.2222em", "medspace": "0.2222em", ";": "0.2778em",
	"thickspace": "0.2778em", "!": "-0.1667em", "negthinspace": "-0.1667em", " ": "0.25em", "enspace": "0.5em",
	"quad": "1em", "qquad": "2em",
}

// accents are set over their argument; those that are wide stretch.
var accents = map[string]struct {
	sign  string
	wide  bool
	under bool
}{
	"hat": {sign: "ˆ"}, "check": {sign: "ˇ"}, "tilde": {sign: "˜"}, "acute": {sign: "´"}, "grave": {sign: "`"},
	"dot": {sign: "˙"}, "ddot": {sign: "¨"}, "dddot": {sign: "⃛"}, "breve": {sign: "˘"}, "bar": {sign: "¯"},
	"vec": {sign: "→"}, "mathring": {sign: "˚"},
	"widehat": {sign: "\u0302", wide: true}, "widetilde": {sign: "\u0303", wide: true},
	"overrightarrow": {sign: "→", wide: true}, "overleftarrow": {sign: "←", wide: true}, "overbrace": {sign: "⏞", wide: true},
	"underbrace": {sign: "⏟", wide: true, under: true},
}

// delimiters are what may stand after \left, \right and \big; "" is nothing.
func delimiter(word string) (string, bool) {
	switch word {
	case ".":
		return "", true
	case "(", ")", "[", "]", "|", "/":
		return word, true
	case "<", `\langle`:
		return "⟨", true
	case ">", `\rangle`:
		return "⟩", true
	case `\|`, `\Vert`:
		return "‖", true
	case `\vert`:
		return "|", true
	case `\lbrace`, `\{`:
		return "{", true
	case `\rbrace`, `\}`:
		return "}", true
	case `\backslash`:
		return `\`, true
	}
	name, ok := strings.CutPrefix(word, `\`)
	if s := signs[name]; ok && (s.class == opening || s.class == closing || strings.HasSuffix(name, "arrow")) {
		return s.text, true
	}
	return "", false
}
