// This file lists what the HTML, SVG and CSS of a notebook may contain. What
// is not here is left out.

package report

import "strings"

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	// htmlElements may stand on the page. The content of any other element is
	// kept without it, but for htmlDropped.
	htmlElements = set(`a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup
		data dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img input ins
		kbd label li main mark meter nav ol p pre progress q rp rt ruby s samp section small span strike strong style
		sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr`)

	// htmlDropped vanish with all they contain.
	htmlDropped = set(`script noscript iframe object embed applet template textarea select option button form
		frameset frame noframes noembed xmp plaintext title head meta link base math audio video canvas map area
		portal slot dialog picture source track param`)

	htmlVoid = set(`br col hr img input wbr`)

	htmlAttributes = set(`abbr align alt bgcolor border cellpadding cellspacing cite class color colspan datetime dir
		face headers height high id lang low max min nowrap open optimum reversed role rowspan scope size span start
		style summary tabindex title type valign value width`)

	// svgElements may stand inside an svg; all others vanish with what they
	// contain. Not here: script, foreignObject, a, animations (they can set
	// attributes), filters (feImage loads).
	svgElements = set(`svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath
		linearGradient radialGradient stop clipPath mask pattern marker image style title desc`)

	svgAttributes = set(`alignment-baseline baseline-shift class clip-path clip-rule clipPathUnits color
		color-interpolation cx cy d direction display dominant-baseline dx dy fill fill-opacity fill-rule font-family
		font-size font-size-adjust font-stretch font-style font-variant font-weight fr fx fy gradientTransform
		gradientUnits height id image-rendering lang lengthAdjust letter-spacing marker-end marker-mid marker-start
		markerHeight markerUnits markerWidth mask maskContentUnits maskUnits offset opacity orient overflow paint-order
		pathLength patternContentUnits patternTransform patternUnits points preserveAspectRatio r refX refY role rotate
		rx ry shape-rendering spacing spreadMethod startOffset stop-color stop-opacity stroke stroke-dasharray
		stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style
		text-anchor text-decoration text-rendering textLength transform transform-origin unicode-bidi vector-effect
		version viewBox visibility width word-spacing writing-mode x x1 x2 y y1 y2`)

	// mathElements may stand inside a math element: MathML Core, less what holds
	// HTML or links.
	mathElements = set(`math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom msub msup
		msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd`)

	mathAttributes = set(`accent accentunder alttext class columnspan depth dir display displaystyle fence form height
		id linethickness lspace mathvariant maxsize minsize movablelimits rowspan rspace scriptlevel separator stretchy
		symmetric title voffset width`)

	// idReferences are attributes that hold ids, one or several.
	idReferences = set(`for headers aria-labelledby aria-describedby aria-controls aria-owns aria-details aria-errormessage
		aria-flowto aria-activedescendant`)

	styleProperties = set(`color opacity display visibility width height min-width max-width min-height max-height
		position top left right bottom inset float clear overflow overflow-x overflow-y box-sizing box-shadow
		vertical-align white-space line-height letter-spacing word-spacing word-break overflow-wrap tab-size
		direction unicode-bidi writing-mode columns caption-side empty-cells table-layout gap row-gap column-gap order
		aspect-ratio object-fit image-rendering shape-rendering transform transform-origin quotes hyphens
		list-style list-style-type list-style-position accent-color color-scheme
		fill fill-opacity fill-rule clip-path clip-rule mask marker marker-start marker-mid marker-end
		dominant-baseline alignment-baseline baseline-shift paint-order vector-effect d cx cy r rx ry x y`)

	stylePrefixes = strings.Fields(`background border- border margin padding outline text- font- font flex grid align-
		justify- place- stroke stop- column-`)

	// styleFunctions may be called in a value. Not here: url and its like
	// (only url(#id) passes), attr, expression, image, image-set, element.
	styleFunctions = set(`rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark var calc min max clamp
		linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient
		translate translatex translatey scale scalex scaley rotate skew skewx skewy matrix
		minmax repeat fit-content inset circle ellipse polygon path counter`)
)
