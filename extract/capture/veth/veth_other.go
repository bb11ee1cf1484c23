//go:build !linux

// Package veth is test support for Linux.
package veth
