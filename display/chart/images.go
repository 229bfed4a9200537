// This file draws a grid of pictures.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"reflect"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// maxPictures is how many pictures are shown.
const maxPictures = 100

// Images draws pictures side by side: an image.Image or a slice of them; a
// tensor or data set of shape [n h w], [n h w 1], [n h w 3] or [n h·w] with
// square pictures; a single one of shape [h w], [h w 1] or [h w 3], or as a slice
// of rows of numbers; or a slice of such ones. Numbers are from 0 to 1, or to 255
// if one is greater than 2. In one channel they are ink, 0 white; in three, light.
//
// The options Labels and Predicted write under each what it is and what it was
// taken for, and frame in red where these differ; a data set knows its labels.
func Images(pictures any, options ...Option) *Figure {
	return build(images, options, func(s *settings) (layout, error) {
		p := pictureGrid{settings: s}
		if err := p.read(pictures); err != nil {
			return nil, err
		}
		if len(p.pictures) == 0 {
			return nil, fmt.Errorf("there are no pictures")
		}
		for _, o := range []struct {
			name   string
			labels []string
		}{{"labels", p.labels}, {"predictions", p.predicted}} {
			if o.labels != nil && len(o.labels) < len(p.pictures) {
				return nil, fmt.Errorf("there are %d pictures and %d %s", p.total, len(o.labels), o.name)
			}
		}
		return p.layout, nil
	})
}

type pictureGrid struct {
	*settings
	pictures []image.Image
	total    int // as many were given
	notes    []string
	perRow   int
	scale    vg.Length   // CSS pixels for each pixel
	w, h     int         // pixels of the largest picture that is drawn
	size     image.Point // that were given
	under    vg.Length   // room for the words
	apart    vg.Length   // how far pictures are from each other
	beside   vg.Length   // and at the right of all
}

// labelled is a data set that knows its labels.
type labelled interface {
	HasLabels() bool
	Label(i int) int
	Classes() []string
}

// read makes pictures of data.
func (p *pictureGrid) read(data any) error {
	if isNil(data) {
		return fmt.Errorf("the pictures are nil")
	}
	switch d := data.(type) {
	case image.Image:
		p.pictures, p.total = []image.Image{d}, 1
		return nil
	case rower:
		return p.readRower(d)
	}
	v := reflect.ValueOf(data)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return fmt.Errorf("the pictures are %s; pictures or tensors were expected", typeText(data))
	}
	if row := v.Type().Elem(); (row.Kind() == reflect.Slice || row.Kind() == reflect.Array) && row.Elem().Kind() <= reflect.Float64 {
		one, err := picture(data)
		p.pictures, p.total = []image.Image{one}, 1
		return err
	}
	p.total = v.Len()
	for i := range min(v.Len(), maxPictures) {
		one, err := picture(v.Index(i).Interface())
		if err != nil {
			return fmt.Errorf("picture %d: %w", i, err)
		}
		p.pictures = append(p.pictures, one)
	}
	return nil
}

func (p *pictureGrid) readRower(d rower) error {
	if one, err := picture(d); err == nil {
		p.pictures, p.total = []image.Image{one}, 1
		return nil
	}
	values, shape, err := readRows(d, maxPictures)
	if err != nil {
		return err
	}
	h, w, channels, ok := pictureShape(shape)
	if !ok {
		return fmt.Errorf("examples of shape %v are no pictures, which have the shape [h w], [h w 1] or [h w 3]", shape)
	}
	p.total = d.Len()
	size := h * w * channels
	for i := range len(values) / max(size, 1) {
		p.pictures = append(p.pictures, rasterized(widened(values[i*size:(i+1)*size]), h, w, channels))
	}
	if l, ok := d.(labelled); ok && l.HasLabels() && p.labels == nil {
		if p.classes == nil {
			p.classes = l.Classes()
		}
		for i := range p.pictures {
			p.labels = append(p.labels, fmt.Sprint(l.Label(i)))
		}
	}
	return nil
}

// pictureShape reads the shape of one picture; a row of a square number of
// values is a square.
func pictureShape(shape []int) (h, w, channels int, ok bool) {
	switch len(shape) {
	case 1:
		side := int(math.Round(math.Sqrt(float64(shape[0]))))
		return side, side, 1, side*side == shape[0] && side > 1
	case 2:
		return shape[0], shape[1], 1, true
	case 3:
		return shape[0], shape[1], shape[2], shape[2] == 1 || shape[2] == 3
	}
	return 0, 0, 0, false
}

// picture makes one picture of data.
func picture(data any) (image.Image, error) {
	if data == nil || isNil(data) {
		return nil, fmt.Errorf("it is nil")
	}
	switch d := data.(type) {
	case image.Image:
		return d, nil
	case rower:
		shape := append([]int{d.Len()}, d.ExampleShape()...)
		single := len(shape) == 3 && (shape[2] == 1 || shape[2] == 3) && shape[1] > 3 ||
			len(shape) == 2 && shape[1] > 1 && (shape[0] == shape[1] || !square(shape[1]))
		if !single {
			return nil, fmt.Errorf("the shape %v is not that of one picture", shape)
		}
		values, _, err := readRows(d, d.Len())
		if err != nil {
			return nil, err
		}
		channels := 1
		if len(shape) == 3 {
			channels = shape[2]
		}
		return rasterized(widened(values), shape[0], shape[1], channels), nil
	}
	rows, err := matrix("it", data)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("it has no pixels")
	}
	var values []float64
	for _, row := range rows {
		values = append(values, row...)
	}
	return rasterized(values, len(rows), len(rows[0]), 1), nil
}

func square(n int) bool { return isqrt(n)*isqrt(n) == n }

func isqrt(n int) int { return int(math.Round(math.Sqrt(float64(n)))) }

// rasterized makes a picture of numbers. What is not finite is red.
func rasterized(values []float64, h, w, channels int) image.Image {
	lo, hi, _ := bounds(values)
	top, base := 1.0, 0.0
	switch {
	case lo < 0: // as it is: weights, differences
		base, top = lo, hi
	case hi > 2: // up to 2 it is a brighter one of 0 to 1, such as augmentation makes
		top = max(hi, 255)
	}
	level := func(v float64) uint8 {
		return uint8(math.Round(255 * min(max((v/2-base/2)/max(top/2-base/2, 1e-300), 0), 1)))
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		px := values[i*channels : (i+1)*channels]
		clr := color.NRGBA{A: 255}
		switch _, _, ok := bounds(px); {
		case !ok:
			clr = color.NRGBA(canvas.Bad)
		case channels == 3:
			clr.R, clr.G, clr.B = level(px[0]), level(px[1]), level(px[2])
		default:
			g := 255 - level(px[0])
			clr.R, clr.G, clr.B = g, g, g
		}
		img.SetNRGBA(i%w, i/w, clr)
	}
	return img
}

// layout finds how many pictures are in a row and how large they are.
func (p pictureGrid) layout(s *settings) drawing {
	p.settings = s
	for _, one := range p.pictures {
		p.w, p.h = max(p.w, one.Bounds().Dx()), max(p.h, one.Bounds().Dy())
	}
	p.size = image.Pt(p.w, p.h)
	if p.predicted != nil && p.labels != nil {
		p.notes = append(p.notes, p.score())
	}
	if p.total > len(p.pictures) {
		p.notes = append(p.notes, p.say("the first %d of %s", len(p.pictures), grouped(fmt.Sprint(p.total))))
	}
	if p.labels != nil || p.predicted != nil {
		p.under = 18
	}
	header := s.headerHeight(p.notes)
	room := vg.Length(p.width) - 8 - p.beside // a frame and its distance at both sides
	p.fit(room, vg.Length(p.height)-header)
	p.apart = min(8, room/vg.Length(p.perRow)/5)
	p.squeeze(room)
	if p.scale < 0.5 { // more pixels than a screen with two for each CSS pixel shows
		k := int(1 / p.scale / 2)
		p.pictures = slices.Clone(p.pictures)
		for i, one := range p.pictures {
			p.pictures[i] = shrunk(one, k)
		}
		p.w, p.h, p.scale = (p.w+k-1)/k, (p.h+k-1)/k, p.scale*vg.Length(k)
		p.squeeze(room)
	}
	rows := (len(p.pictures) + p.perRow - 1) / p.perRow
	below := max(3-vg.Length(p.gap())*p.scale, 0) // for the last frames
	p.height = int(math.Ceil(float64(header + vg.Length(rows)*p.rowHeight() + below)))
	columns := min(p.perRow, len(p.pictures))
	p.width = p.narrowed(vg.Length(columns*(p.w+p.gap()))*p.scale+8+p.beside, p.notes)
	return &p
}

// fit finds the number of pictures in a row, unless that was asked for, and their
// scale: ten in a row and no higher than 200 CSS pixels, or, if a size was asked
// for, as large as they can be in it.
func (p *pictureGrid) fit(width, height vg.Length) {
	n := len(p.pictures)
	wide := func(perRow int) vg.Length { return width / vg.Length(perRow) * 0.9 / vg.Length(p.w) }
	p.perRow = p.settings.perRow
	if !p.sized {
		if p.perRow == 0 {
			p.perRow = min(max(n, 2), 10)
		}
		p.scale = min(wide(p.perRow), 200/vg.Length(p.h))
		return
	}
	first, last := 1, n
	if p.perRow > 0 {
		first, last = p.perRow, p.perRow
	}
	for perRow := first; perRow <= last; perRow++ {
		rows := vg.Length((n + perRow - 1) / perRow)
		high := (height/rows - p.under - 8) / vg.Length(p.h)
		if scale := max(min(wide(perRow), high), 1e-3); scale > p.scale {
			p.perRow, p.scale = perRow, scale
		}
	}
}

// squeeze makes the scale smaller until a row has room, since gaps, whole pixels,
// may need more than their share. Enlarged pictures are so by quarters.
func (p *pictureGrid) squeeze(room vg.Length) {
	for range 50 {
		if p.scale > 1 {
			p.scale = vg.Length(math.Floor(float64(p.scale)*4) / 4)
		}
		all := vg.Length(p.perRow*(p.w+p.gap())-p.gap()) * p.scale
		if all <= room {
			return
		}
		p.scale *= room / all
	}
}

// shrunk returns a picture of 1/k of the width and height, each pixel the mean of
// k × k.
func shrunk(img image.Image, k int) image.Image {
	if k < 2 {
		return img
	}
	b := img.Bounds()
	out := image.NewRGBA64(image.Rect(0, 0, (b.Dx()+k-1)/k, (b.Dy()+k-1)/k))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [4]uint64
			n := uint64(0)
			for j := b.Min.Y + y*k; j < min(b.Min.Y+(y+1)*k, b.Max.Y); j++ {
				for i := b.Min.X + x*k; i < min(b.Min.X+(x+1)*k, b.Max.X); i++ {
					c := color.RGBA64Model.Convert(img.At(i, j)).(color.RGBA64)
					sum[0], sum[1], sum[2], sum[3] = sum[0]+uint64(c.R), sum[1]+uint64(c.G), sum[2]+uint64(c.B), sum[3]+uint64(c.A)
					n++
				}
			}
			out.SetRGBA64(x, y, color.RGBA64{uint16(sum[0] / n), uint16(sum[1] / n), uint16(sum[2] / n), uint16(sum[3] / n)})
		}
	}
	return out
}

// gap is the distance between pictures, in their pixels.
func (p *pictureGrid) gap() int { return max(int(math.Round(float64(p.apart/p.scale))), 1) }

func (p *pictureGrid) rowHeight() vg.Length {
	return vg.Length(p.h+p.gap())*p.scale + p.under
}

// score counts what is right.
func (p *pictureGrid) score() string {
	wrong := 0
	for i := range p.pictures {
		if p.wrong(i) {
			wrong++
		}
	}
	return p.say("%d of %d right; wrong ones are framed: label → prediction", len(p.pictures)-wrong, len(p.pictures))
}

func (p *pictureGrid) wrong(i int) bool {
	return p.labels != nil && p.predicted != nil && p.labels[i] != p.predicted[i]
}

// words returns what is written under a picture.
func (p *pictureGrid) words(i int) string {
	switch {
	case p.wrong(i):
		return p.class(p.labels[i]) + " → " + p.class(p.predicted[i])
	case p.labels != nil:
		return p.class(p.labels[i])
	case p.predicted != nil:
		return p.class(p.predicted[i])
	}
	return ""
}

// class returns the name of a class that is given by its number.
func (p *pictureGrid) class(label string) string {
	for i, name := range p.classes {
		if label == fmt.Sprint(i) {
			return name
		}
	}
	return label
}

func (p *pictureGrid) draw(c draw.Canvas) { p.paint(p.header(c, nil, p.notes)) }

// paint draws the pictures and returns where they are.
func (p *pictureGrid) paint(c draw.Canvas) vg.Rectangle {
	gap := p.gap()
	for first := 0; first < len(p.pictures); first += p.perRow {
		row := p.pictures[first:min(first+p.perRow, len(p.pictures))]
		// A row is one picture in the document.
		strip := image.NewNRGBA(image.Rect(0, 0, len(row)*(p.w+gap)-gap, p.h))
		for k, one := range row {
			b := one.Bounds()
			for y := range b.Dy() {
				for x := range b.Dx() {
					strip.Set(k*(p.w+gap)+x, y, one.At(b.Min.X+x, b.Min.Y+y))
				}
			}
		}
		top := c.Max.Y - vg.Length(first/p.perRow)*p.rowHeight()
		c.DrawImage(vg.Rectangle{
			Min: vg.Point{X: c.Min.X + 2, Y: top - vg.Length(p.h)*p.scale - 2},
			Max: vg.Point{X: c.Min.X + 2 + vg.Length(strip.Rect.Dx())*p.scale, Y: top - 2},
		}, strip)
		for k := range row {
			i := first + k
			left := c.Min.X + 2 + vg.Length(k*(p.w+gap))*p.scale
			r := vg.Rectangle{
				Min: vg.Point{X: left, Y: top - 2 - vg.Length(p.h)*p.scale},
				Max: vg.Point{X: left + vg.Length(p.w)*p.scale, Y: top - 2},
			}
			sty := canvas.Style(textSize, p.wrong(i), canvas.Strong, text.XCenter, text.YTop)
			frame := draw.LineStyle{Color: canvas.Faint, Width: 1}
			if p.wrong(i) {
				sty.Color, frame = canvas.Bad, draw.LineStyle{Color: canvas.Bad, Width: 2}
			}
			half := frame.Width / 2
			c.SetLineStyle(frame)
			c.Stroke(vg.Rectangle{Min: vg.Point{X: r.Min.X - half, Y: r.Min.Y - half}, Max: vg.Point{X: r.Max.X + half, Y: r.Max.Y + half}}.Path())
			words := fitted(sty, p.words(i), vg.Length(p.w+gap)*p.scale)
			c.FillText(sty, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: r.Min.Y - 4}, words)
		}
	}
	columns, rows := min(p.perRow, len(p.pictures)), (len(p.pictures)+p.perRow-1)/p.perRow
	return vg.Rectangle{
		Min: vg.Point{X: c.Min.X + 2, Y: c.Max.Y - 2 - vg.Length(rows)*p.rowHeight() + vg.Length(gap)*p.scale + p.under},
		Max: vg.Point{X: c.Min.X + 2 + vg.Length(columns*(p.w+gap)-gap)*p.scale, Y: c.Max.Y - 2},
	}
}

func (p *pictureGrid) describe() string {
	s := p.say("%s of %d × %d pixels", p.count(p.total, "picture"), p.size.X, p.size.Y)
	var words []string
	for i := range p.pictures {
		if w := p.words(i); w != "" {
			words = append(words, w)
		}
	}
	if words != nil {
		s = p.say("%s: %s", s, strings.Join(words, p.say(", ")))
	}
	if len(p.notes) > 0 {
		s += p.say("; ") + strings.Join(p.notes, p.say("; "))
	}
	return s
}

func (p *pictureGrid) data() any {
	names := make([]string, len(p.pictures))
	for i := range names {
		names[i] = p.words(i)
	}
	return chartData{Kind: "images", Names: names}
}
