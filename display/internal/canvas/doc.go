// Package canvas draws gonum/plot's plots as SVG documents for notebooks, and has
// the colours and the text that go with them.
//
// It differs from gonum/plot's own vgsvg in what a notebook needs: text stays
// text, aligned by the viewer's font and in a family with Chinese, Japanese and
// Korean faces; ink is the page's text colour, so that a chart fits a light and
// a dark page; numbers are short. A point of gonum/plot is a CSS pixel here.
//
// It is NOT a chart library (display/chart is) and knows no data.
//
//	New, NewPixels         canvases, of elements and of pixels
//	Strong, Soft, Faint    colours of ink
//	Style(size, …)         a text style
//	Document(…)            the finished SVG
package canvas
