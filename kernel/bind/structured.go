package bind

// This file gives every evaluator a default logger of package log/slog, which
// writes as the standard one does: through package log's.

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"sync/atomic"
	"time"
)

// replaceStructured replaces what logs with the default logger. l is the logger
// that package log has in the same cells.
func (s *Set) replaceStructured(l *log.Logger) {
	var current atomic.Pointer[slog.Logger]
	plain := &plainHandler{l: l, level: new(slog.LevelVar), with: func(h slog.Handler) slog.Handler { return h }}
	current.Store(slog.New(plain))
	at := func(level slog.Level) func(msg string, args ...any) {
		return func(msg string, args ...any) { current.Load().Log(context.Background(), level, msg, args...) }
	}
	atContext := func(level slog.Level) func(ctx context.Context, msg string, args ...any) {
		return func(ctx context.Context, msg string, args ...any) { current.Load().Log(ctx, level, msg, args...) }
	}
	s.replace("log/slog", map[string]any{
		"Default": current.Load,
		"SetDefault": func(to *slog.Logger) {
			current.Store(to)
			if _, ok := to.Handler().(*plainHandler); !ok {
				l.SetOutput(slog.NewLogLogger(to.Handler(), slog.LevelInfo).Writer())
				l.SetFlags(0) // the handler notes the time
			}
		},
		"SetLogLoggerLevel": func(level slog.Level) (old slog.Level) {
			old = plain.level.Level()
			plain.level.Set(level)
			return old
		},
		"With": func(args ...any) *slog.Logger { return current.Load().With(args...) },
		"Log": func(ctx context.Context, level slog.Level, msg string, args ...any) {
			current.Load().Log(ctx, level, msg, args...)
		},
		"LogAttrs": func(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
			current.Load().LogAttrs(ctx, level, msg, attrs...)
		},
		"Debug": at(slog.LevelDebug), "DebugContext": atContext(slog.LevelDebug),
		"Info": at(slog.LevelInfo), "InfoContext": atContext(slog.LevelInfo),
		"Warn": at(slog.LevelWarn), "WarnContext": atContext(slog.LevelWarn),
		"Error": at(slog.LevelError), "ErrorContext": atContext(slog.LevelError),
	})
}

// plainHandler writes "INFO message key=value" with l, as slog's own default
// handler, which knows only package log's.
type plainHandler struct {
	l     *log.Logger
	level *slog.LevelVar
	with  func(slog.Handler) slog.Handler // adds attributes and groups
}

func (h *plainHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle writes r, whose attributes a text handler formats.
func (h *plainHandler) Handle(ctx context.Context, r slog.Record) error {
	var attrs bytes.Buffer
	own := 0 // the level and the message, which come first
	t := h.with(slog.NewTextHandler(&attrs, &slog.HandlerOptions{
		Level: h.level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if own > 0 {
				own--
				return slog.Attr{}
			}
			return a
		},
	}))
	text := r.Level.String() + " " + r.Message
	r.Time = time.Time{} // package log writes it
	own = 2
	if err := t.Handle(ctx, r); err != nil {
		return err
	}
	if a := bytes.TrimSpace(attrs.Bytes()); len(a) > 0 {
		text += " " + string(a)
	}
	return output(h.l, 1, text)
}

func (h *plainHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.and(func(t slog.Handler) slog.Handler { return t.WithAttrs(attrs) })
}

func (h *plainHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.and(func(t slog.Handler) slog.Handler { return t.WithGroup(name) })
}

func (h *plainHandler) and(more func(slog.Handler) slog.Handler) slog.Handler {
	return &plainHandler{h.l, h.level, func(t slog.Handler) slog.Handler { return more(h.with(t)) }}
}
